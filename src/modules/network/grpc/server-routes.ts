import type { IncomingHttpHeaders } from 'node:http2';
import { GrpcStatus, type GrpcStatusCode, GrpcStatusError } from '../../../common/grpc-status.js';
import type { PeerMethodHandler } from '../ports/peer-handlers.port.js';
import { splitPath } from './grpc-wire.js';

/** Longest path or header value that a refusal repeats, in characters. */
const MAX_ECHO_LENGTH = 100;

/** Which methods a session serves. */
export interface CallRoutes {
  /** Services that exist here, such as `v1.SyncPeer`; a call to any other is answered without asking `find`. */
  readonly services: readonly string[];
  find(service: string, method: string): PeerMethodHandler | undefined;
}

/** A call that is no gRPC, answered with an HTTP status beside the gRPC one. */
export class Refusal extends GrpcStatusError {
  readonly httpStatus: number;

  constructor(httpStatus: number, code: GrpcStatusCode, details: string) {
    super(code, details);
    this.httpStatus = httpStatus;
  }
}

/**
 * The handler that a call's headers ask for. A missing `te` is let pass, as grpc-go does.
 * @throws {GrpcStatusError} UNIMPLEMENTED for unknown methods and compressed requests, or a {@link Refusal}
 * @see grpc-go internal/transport/http2_server.go operateHeaders, server.go handleStream
 */
export function routeCall(headers: IncomingHttpHeaders, routes: CallRoutes): PeerMethodHandler {
  const { ':method': httpMethod = '', 'content-type': contentType = '' } = headers;
  if (httpMethod !== 'POST') {
    const details = `Received a HEADERS frame with a :method of "${echo(httpMethod)}", only POST allowed`;
    throw new Refusal(405, GrpcStatus.INTERNAL, details);
  }
  if (!isGrpcContentType(contentType)) {
    const details = `invalid gRPC request content-type "${echo(contentType)}"`;
    throw new Refusal(415, GrpcStatus.INVALID_ARGUMENT, details);
  }
  const path = headers[':path'] ?? '';
  const name = splitPath(path);
  if (name === undefined) throw unimplemented(`malformed method name: "${echo(path)}"`);
  const { service, method } = name;
  if (!routes.services.includes(service)) throw unimplemented(`unknown service ${echo(service)}`);
  const handler = routes.find(service, method);
  if (handler === undefined) throw unimplemented(`unknown method ${echo(method)} for service ${service}`);
  const encoding = String(headers['grpc-encoding'] ?? 'identity');
  if (encoding !== 'identity') {
    throw unimplemented(`grpc: Decompressor is not installed for grpc-encoding "${echo(encoding)}"`);
  }
  return handler;
}

/** `application/grpc`, alone or with a subtype or parameters. */
export function isGrpcContentType(value: string): boolean {
  return /^application\/grpc($|[+;])/i.test(value);
}

function unimplemented(details: string): GrpcStatusError {
  return new GrpcStatusError(GrpcStatus.UNIMPLEMENTED, details);
}

function echo(text: string): string {
  return text.slice(0, MAX_ECHO_LENGTH);
}
