import { constants, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Server } from '@grpc/grpc-js';
import { type GrpcStatusError } from '../../common/grpc-status.js';
import { grpcStatusFor, SystemError } from '../../modules/system/index.js';
import { toStatusObject } from '../error-details.js';
import { isFarGrpcTimeout } from './far-deadlines.js';

/** grpc-js has no limit of its own on what a server is sent; Node stops at 128 headers. */
const MAX_METADATA_BYTES = 16 * 1_024;
const LEGAL_NAME = /^[:0-9a-z_.-]+$/;
const LEGAL_VALUE = /^[ -~]*$/;

type OnStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, ...rest: unknown[]) => void;

/** Told of each call that is refused. */
export type OnRefused = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, error: SystemError) => void;

export interface HeaderChecks {
  /** Why a call to the path is refused, if it is. */
  readonly unserved: (path: string) => SystemError | undefined;
  readonly onRefused: OnRefused;
}

/**
 * Refuses calls before grpc-js sees them: those whose headers gRPC does not allow, which it leaves out and prints, tokens
 * among them, to the stderr of the process; and those to nothing that is served, which it answers past every interceptor.
 * (By way of a private field; a test tells if it moves.)
 */
export function checkHeaders(server: Server, { unserved, onRefused }: HeaderChecks): void {
  const servers = Reflect.get(server, 'http2Servers') as ReadonlyMap<Http2Server, unknown>;
  for (const http2 of servers.keys()) {
    const [serve] = http2.listeners('stream') as OnStream[];
    if (serve === undefined) throw new Error('grpc-js listens to no streams');
    http2.removeAllListeners('stream');
    http2.on('stream', (stream, headers, ...rest) => {
      // A session that failed with what came in one packet tells its streams of it only now: unheard, it ends the process.
      stream.on('error', () => undefined);
      // Nobody can be answered any more: to try ends the process too.
      if (stream.destroyed || stream.closed) return;
      const error = faultOf(headers) ?? unserved(headers[':path'] ?? '');
      if (error === undefined) return serve(stream, withNearDeadline(headers), ...rest);
      onRefused(stream, headers, error);
      refuse(stream, grpcStatusFor(error));
    });
  }
}

/** A deadline that no timer can hold is left to the client: grpc-js would end the call at once. */
function withNearDeadline(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const timeout = headers['grpc-timeout'];
  if (typeof timeout !== 'string' || !isFarGrpcTimeout(timeout)) return headers;
  const { 'grpc-timeout': _far, ...others } = headers;
  return others;
}

/** What is wrong with the headers of a call, if anything. */
export function faultOf(headers: IncomingHttpHeaders): SystemError | undefined {
  let bytes = 0;
  for (const name of Object.keys(headers)) {
    const values = headers[name] ?? '';
    const count = typeof values === 'string' ? 1 : values.length;
    // Several values of one name are looked at as one text.
    const text = typeof values === 'string' ? values : values.join('');
    bytes += count * name.length + text.length;
    if (!LEGAL_NAME.test(name) || !LEGAL_VALUE.test(text))
      return new SystemError({ code: 'SYSTEM.METADATA_INVALID' });
  }
  if (bytes <= MAX_METADATA_BYTES) return undefined;
  return new SystemError({ code: 'SYSTEM.METADATA_TOO_LARGE', maxBytes: MAX_METADATA_BYTES });
}

/** In trailers alone, as gRPC says it. */
function refuse(stream: ServerHttp2Stream, error: GrpcStatusError): void {
  const { code, details, metadata } = toStatusObject(error);
  stream.respond(
    {
      ...metadata.toHttp2Headers(),
      ':status': 200,
      'content-type': 'application/grpc+proto',
      'grpc-status': String(code),
      'grpc-message': encodeURI(details),
    },
    { endStream: true },
  );
  stream.close(constants.NGHTTP2_NO_ERROR);
}
