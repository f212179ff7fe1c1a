import type { IncomingHttpHeaders } from 'node:http2';
import { GrpcStatus } from '../../../common/grpc-status.js';
import { decodeGrpcMessage } from './grpc-wire.js';
import { isGrpcContentType } from './server-routes.js';

export interface ResponseStatus {
  readonly status: number;
  readonly details: string;
}

/** gRPC statuses for HTTP ones (grpc doc/http-grpc-status-mapping.md). */
const STATUS_OF_HTTP: Readonly<Record<number, number>> = {
  400: GrpcStatus.INTERNAL,
  401: GrpcStatus.UNAUTHENTICATED,
  403: GrpcStatus.PERMISSION_DENIED,
  404: GrpcStatus.UNIMPLEMENTED,
  429: GrpcStatus.UNAVAILABLE,
  502: GrpcStatus.UNAVAILABLE,
  503: GrpcStatus.UNAVAILABLE,
  504: GrpcStatus.UNAVAILABLE,
};

/** The status in a call's trailers, or in headers that are all of the reply; undefined when there is none. */
export function statusOfTrailers(headers: IncomingHttpHeaders): ResponseStatus | undefined {
  const text = headers['grpc-status'];
  if (text === undefined) return undefined;
  const isNumber = typeof text === 'string' && /^\d{1,9}$/.test(text);
  const message = headers['grpc-message'];
  return {
    status: isNumber ? Number(text) : GrpcStatus.UNKNOWN,
    details: typeof message === 'string' ? decodeGrpcMessage(message) : '',
  };
}

/** Why response headers are no gRPC reply; undefined when they are one. */
export function refusalOfHeaders(headers: IncomingHttpHeaders): ResponseStatus | undefined {
  const httpStatus = Number(headers[':status']);
  if (httpStatus !== 200) {
    return { status: STATUS_OF_HTTP[httpStatus] ?? GrpcStatus.UNKNOWN, details: `HTTP status ${httpStatus}` };
  }
  if (isGrpcContentType(headers['content-type'] ?? '')) return undefined;
  return { status: GrpcStatus.UNKNOWN, details: 'the reply is no gRPC' };
}
