/** The gRPC status codes, as numbers of the wire. */
export const GrpcStatus = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type GrpcStatusCode = (typeof GrpcStatus)[keyof typeof GrpcStatus];

/** A field of a request that breaks a rule. */
export interface FieldViolation {
  /** Such as `PeersAddRequest.Id`. */
  readonly field: string;
  /** The rule, and what was given. */
  readonly description: string;
}

/** What a program makes of an error: its stable code, the data that belongs to it, and the fields at fault. */
export interface StatusReason {
  readonly code: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly FieldViolation[];
}

/** A status as it goes over the wire. Shaped so that grpc-js (`code`, `details`) sends it as it is. */
export class GrpcStatusError extends Error {
  readonly code: GrpcStatusCode;
  readonly details: string;
  /** Operators get it beside the status, peers do not. */
  readonly reason: StatusReason | undefined;

  constructor(code: GrpcStatusCode, details: string, cause?: unknown, reason?: StatusReason) {
    super(details, cause === undefined ? undefined : { cause });
    this.name = 'GrpcStatusError';
    this.code = code;
    this.details = details;
    this.reason = reason;
  }
}

const NAMES = new Map<number, string>(Object.entries(GrpcStatus).map(([name, code]) => [code, inGo(name)]));

/** The code's name as Go prints it, such as `InvalidArgument`. */
export function grpcStatusName(code: number): string {
  return NAMES.get(code) ?? 'Unknown';
}

function inGo(name: string): string {
  if (name === 'OK') return name;
  return name
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join('');
}
