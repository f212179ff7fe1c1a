import {
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { errorFields } from '../../../common/app-error.js';
import { type Clock, delay, withDeadline } from '../../../common/clock.js';
import { GrpcStatus, GrpcStatusError } from '../../../common/grpc-status.js';
import type { Logger } from '../../../common/logger.port.js';
import type { PeerMethodHandler } from '../ports/peer-handlers.port.js';
import type { PeerId } from '../ports/types.js';
import { callStatusOf } from './call-status.js';
import { frameMessage } from './grpc-message.js';
import { encodeGrpcMessage, parseGrpcTimeout } from './grpc-wire.js';
import { readRequest } from './request-reader.js';
import { type CallRoutes, Refusal, routeCall } from './server-routes.js';
import { ServerStreamCall } from './server-stream-call.js';

/** Longest a server stream may last whatever the client asks, ms. */
const MAX_STREAM_MS = 24 * 3_600_000;

const RESPONSE_HEADERS: OutgoingHttpHeaders = { ':status': 200, 'content-type': 'application/grpc' };

/** How long the parts of a call may take, in ms. */
export interface CallLimits {
  /** From a call's headers to its complete request. */
  readonly requestTimeoutMs: number;
  /** From the request to the reply of a unary method, also when the client asks for more. */
  readonly unaryTimeoutMs: number;
  /** Without the client reading anything of what waits to be sent. */
  readonly stallTimeoutMs: number;
}

export interface CallContext extends CallRoutes {
  readonly peerId: PeerId;
  readonly limits: CallLimits;
  readonly clock: Clock;
  readonly log: Logger;
  /** Counts a call in, or throws the status with which it is refused; the returned function counts it out. */
  admit?(): () => void;
  /** Time until a call may run, ms; throws the status of one that came too often. Undefined path: one that is not served. */
  turnOf?(path: string | undefined): number;
}

/** One gRPC call on a stream that a client opened. */
export class ServerCall {
  readonly #stream: ServerHttp2Stream;
  readonly #context: CallContext;
  readonly #abort = new AbortController();
  readonly #gone: Promise<void>;
  #bulk: ServerStreamCall | undefined;
  #trailers: OutgoingHttpHeaders = {};
  #isEnded = false;
  #stopWatching: () => void = () => {};

  constructor(stream: ServerHttp2Stream, context: CallContext) {
    this.#stream = stream;
    this.#context = context;
    // What went wrong shows in `close`; an error here only repeats it.
    stream.on('error', () => {});
    this.#gone = new Promise((resolve) => {
      const onGone = () => {
        this.#stopWatching();
        this.#abort.abort(new GrpcStatusError(GrpcStatus.CANCELLED, 'the peer ended the call'));
        resolve();
      };
      if (stream.destroyed) onGone();
      else stream.once('close', onGone);
    });
    stream.on('wantTrailers', () => {
      if (!stream.destroyed && !stream.closed) stream.sendTrailers(this.#trailers);
    });
  }

  /** Serves the call; resolves with its status once it has left no trace. Never rejects. */
  async run(headers: IncomingHttpHeaders): Promise<number> {
    let countOut: (() => void) | undefined;
    let code: number = GrpcStatus.OK;
    try {
      countOut = this.#context.admit?.();
      await this.#serve(headers);
    } catch (error) {
      const status = callStatusOf(error);
      code = status.code;
      if (status.isFault) {
        const fields = { path: headers[':path'], ...errorFields(error) };
        this.#context.log.error('peer call handler failed', fields);
      }
      this.#finish(code, status.details, error instanceof Refusal ? error.httpStatus : 200);
    }
    // What waits to be sent counts as long as it waits.
    await this.#gone;
    countOut?.();
    return code;
  }

  async #serve(headers: IncomingHttpHeaders): Promise<void> {
    const { limits, peerId, clock, turnOf } = this.#context;
    const { handler, refusal } = this.#route(headers);
    // What is not served takes its turn too, so that asking for it is no way around the limits.
    const waitMs = turnOf?.(handler && headers[':path']) ?? 0;
    if (waitMs > 0) await delay(clock, waitMs, this.#abort.signal);
    if (handler === undefined) throw refusal;
    const clientTimeoutMs = timeoutOf(headers);
    const bytes = await this.#within(Math.min(limits.requestTimeoutMs, clientTimeoutMs), () =>
      readRequest(this.#stream, handler.maxRequestBytes),
    );
    const request = decodeRequest(handler, bytes);
    if (handler.kind === 'unary') {
      const timeoutMs = Math.min(limits.unaryTimeoutMs, clientTimeoutMs);
      const reply = await this.#within(timeoutMs, (signal) => handler.handle(request, { peerId, signal }));
      this.#reply(frameMessage(handler.encode(reply)));
    } else {
      await this.#within(Math.min(MAX_STREAM_MS, clientTimeoutMs), (signal) => {
        this.#bulk = new ServerStreamCall(this.#stream, RESPONSE_HEADERS, handler.encode, { peerId, signal });
        this.#watch();
        return handler.handle(request, this.#bulk);
      });
      this.#finish(GrpcStatus.OK, '', 200);
    }
  }

  #route(headers: IncomingHttpHeaders): { handler?: PeerMethodHandler; refusal?: unknown } {
    try {
      return { handler: routeCall(headers, this.#context) };
    } catch (refusal) {
      return { refusal };
    }
  }

  #within<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const onTimeout = () => new GrpcStatusError(GrpcStatus.DEADLINE_EXCEEDED, 'context deadline exceeded');
    return withDeadline(this.#context.clock, { timeoutMs, signal: this.#abort.signal, onTimeout }, work);
  }

  #reply(frame: Buffer): void {
    if (this.#stream.destroyed || this.#stream.closed) return;
    this.#trailers = { 'grpc-status': GrpcStatus.OK };
    this.#stream.respond(RESPONSE_HEADERS, { waitForTrailers: true });
    this.#stream.end(frame);
    this.#isEnded = true;
    this.#watch();
  }

  /** Ends the call with a status: in trailers after messages, else alone. */
  #finish(code: number, details: string, httpStatus: number): void {
    const stream = this.#stream;
    this.#bulk?.flush();
    if (stream.destroyed || stream.closed) return;
    const status: OutgoingHttpHeaders = { 'grpc-status': code };
    if (details !== '') status['grpc-message'] = encodeGrpcMessage(details);
    if (stream.headersSent) {
      this.#trailers = status;
      stream.end();
    } else {
      stream.respond({ ...RESPONSE_HEADERS, ...status, ':status': httpStatus }, { endStream: true });
    }
    this.#isEnded = true;
    // A client that still sends is told to stop.
    if (!stream.readableEnded) stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR));
    this.#watch();
  }

  /** Resets the stream when what waits to be sent does not move for a while. */
  #watch(): void {
    this.#stopWatching();
    const { clock, limits } = this.#context;
    const sentBytes = this.#bulk?.sentBytes ?? 0;
    this.#stopWatching = clock.setTimeout(() => {
      const hasNothingToSend = !this.#isEnded && this.#bulk?.pendingBytes === 0;
      if (hasNothingToSend || sentBytes !== (this.#bulk?.sentBytes ?? 0)) this.#watch();
      else this.#stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    }, limits.stallTimeoutMs);
  }
}

function timeoutOf(headers: IncomingHttpHeaders): number {
  const header = headers['grpc-timeout'];
  if (header === undefined) return Number.POSITIVE_INFINITY;
  const timeoutMs = typeof header === 'string' ? parseGrpcTimeout(header) : undefined;
  if (timeoutMs === undefined) throw new GrpcStatusError(GrpcStatus.INTERNAL, 'malformed grpc-timeout');
  return timeoutMs;
}

function decodeRequest(handler: PeerMethodHandler, bytes: Uint8Array): unknown {
  try {
    return handler.decode(bytes);
  } catch (error) {
    throw new GrpcStatusError(GrpcStatus.INVALID_ARGUMENT, 'undecodable request', error);
  }
}
