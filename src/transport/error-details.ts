import { create, toBinary } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { Metadata } from '@grpc/grpc-js';
import { catchError, isObservable, throwError } from 'rxjs';
import { GrpcStatusError } from '../common/grpc-status.js';
import { BadRequestSchema, ErrorInfoSchema } from '../gen/google/rpc/error_details_pb.js';
import { StatusSchema } from '../gen/google/rpc/status_pb.js';

/** Whose codes these are. */
const DOMAIN = 'edgekeeper';
/** The trailer in which gRPC clients look for a google.rpc.Status. */
const TRAILER = 'grpc-status-details-bin';

/** The google.rpc.Status of an error, encoded; undefined for one without a reason. */
export function encodeErrorDetails({
  code,
  details: message,
  reason,
}: GrpcStatusError): Uint8Array | undefined {
  if (reason === undefined) return undefined;
  const { metadata, violations } = reason;
  const info = create(ErrorInfoSchema, { reason: reason.code, domain: DOMAIN, metadata: { ...metadata } });
  const details = [anyPack(ErrorInfoSchema, info)];
  if (violations.length > 0) {
    const badRequest = create(BadRequestSchema, { fieldViolations: [...violations] });
    details.push(anyPack(BadRequestSchema, badRequest));
  }
  return toBinary(StatusSchema, create(StatusSchema, { code, message, details }));
}

/** The error in the shape in which grpc-js sends its details along; anything but a status with a reason as it is. */
export function withErrorDetails(error: unknown): unknown {
  const encoded = error instanceof GrpcStatusError ? encodeErrorDetails(error) : undefined;
  if (encoded === undefined) return error;
  const metadata = new Metadata();
  metadata.set(TRAILER, Buffer.from(encoded));
  return Object.assign(error as GrpcStatusError, { metadata });
}

type Handler = (...args: unknown[]) => Promise<unknown>;

/** A handler of Nest whose errors tell callers their details. */
export function tellingDetails(handler: Handler): Handler {
  return async (...args) => {
    const result = await handler(...args);
    if (!isObservable(result)) return result;
    return result.pipe(catchError((error: unknown) => throwError(() => withErrorDetails(error))));
  };
}
