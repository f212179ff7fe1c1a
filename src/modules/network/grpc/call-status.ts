import { GrpcStatus, GrpcStatusError } from '../../../common/grpc-status.js';

const HIGHEST_STATUS = GrpcStatus.UNAUTHENTICATED;

/** What goes out over the wire for a call that failed. */
export interface CallStatus {
  readonly code: number;
  readonly details: string;
  /** The thrower named no status: a fault of ours, to be logged. */
  readonly isFault: boolean;
}

/**
 * The status of anything thrown: by `code` and `details` where it carries both, else INTERNAL with a text that
 * tells nothing of us.
 */
export function callStatusOf(error: unknown): CallStatus {
  if (error instanceof GrpcStatusError) return { code: error.code, details: error.details, isFault: false };
  if (typeof error === 'object' && error !== null && 'code' in error && 'details' in error) {
    const { code, details } = error;
    const isStatus = typeof code === 'number' && Number.isInteger(code) && code > 0 && code <= HIGHEST_STATUS;
    if (isStatus && typeof details === 'string') return { code, details, isFault: false };
  }
  return { code: GrpcStatus.INTERNAL, details: 'internal error', isFault: true };
}
