import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { Metadata } from '@grpc/grpc-js';
import { catchError, isObservable, throwError } from 'rxjs';
import { GrpcStatusError } from '../common/grpc-status.js';
import { BadRequestSchema, ErrorInfoSchema } from '../gen/google/rpc/error_details_pb.js';
import { StatusSchema } from '../gen/google/rpc/status_pb.js';
import type { RpcHandler } from './unary-answer.js';

/** Whose codes these are. */
const DOMAIN = 'edgekeeper';
/** The trailer in which gRPC clients look for a google.rpc.Status. */
const TRAILER = 'grpc-status-details-bin';

/** A message that goes along with an error, in the shape in which Connect takes it too. */
export interface OutgoingDetail {
  readonly desc: DescMessage;
  readonly value: MessageInitShape<DescMessage>;
}

/** The details of an error, as messages of google.rpc; none when it has no reason. */
export function errorDetails({ reason }: GrpcStatusError): OutgoingDetail[] {
  if (reason === undefined) return [];
  const { code, metadata, violations } = reason;
  const info = { desc: ErrorInfoSchema, value: { reason: code, domain: DOMAIN, metadata: { ...metadata } } };
  const badRequest = { desc: BadRequestSchema, value: { fieldViolations: [...violations] } };
  return violations.length === 0 ? [info] : [info, badRequest];
}

/** The error as grpc-js sends it: with a google.rpc.Status in a trailer when it has details. */
export function toStatusObject(error: GrpcStatusError) {
  const { code, details: message } = error;
  const details = errorDetails(error).map(({ desc, value }) => anyPack(desc, create(desc, value)));
  const metadata = new Metadata();
  if (details.length > 0) {
    const status = create(StatusSchema, { code, message, details });
    metadata.set(TRAILER, Buffer.from(toBinary(StatusSchema, status)));
  }
  return { code, details: message, metadata };
}

/** A streaming handler of Nest whose errors tell callers their details. */
export function tellingDetails(handler: RpcHandler): RpcHandler {
  return async (...args) => {
    const result = await handler(...args);
    if (!isObservable(result)) return result;
    return result.pipe(catchError((error: unknown) => throwError(() => sendable(error))));
  };
}

/** With the trailers that grpc-js takes from an error, when it has details to tell. */
export function sendable(error: unknown): unknown {
  if (!(error instanceof GrpcStatusError)) return error;
  return Object.assign(error, { metadata: toStatusObject(error).metadata });
}
