import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { Duplex } from 'node:stream';
import { errorText } from '../../../common/app-error.js';
import type { Clock } from '../../../common/clock.js';
import { GrpcStatus } from '../../../common/grpc-status.js';
import type { Reservation } from '../limits/resource-ledger.js';
import { NetworkError } from '../network.errors.js';
import type { PeerMethod } from '../ports/peer-protocols.port.js';
import type { PeerId } from '../ports/types.js';
import { DataMerge } from './data-merge.js';
import { detachSession } from './detach-session.js';
import { FilteredDuplex } from './filtered-duplex.js';
import { GoawayWatch } from './goaway-watch.js';
import { frameMessage, type MessageFault, MessageFramingError, MessageReader } from './grpc-message.js';
import { formatGrpcTimeout } from './grpc-wire.js';
import { PREFACE_BYTES } from './http2-frames.js';
import { type ResponseStatus, refusalOfHeaders, statusOfTrailers } from './response-status.js';

/** Bytes read ahead of the consumer before the peer's stream is left unread; it is read again below half. */
const READ_AHEAD_BYTES = 262_144;

/** What the peer may send before we grant more; the byte stream's own window is what holds it back. */
const WINDOW_BYTES = 4_194_304;
const MAX_FRAME_BYTES = 1_048_576;

/** For a goodbye to leave, before the stream is cut off. */
const CLOSE_TIMEOUT_MS = 2_000;

export interface ClientCallOptions<Request, Response> {
  readonly peerId: PeerId;
  readonly method: PeerMethod<Request, Response>;
  readonly request: Request;
  readonly userAgent: string;
  /** Sent as `grpc-timeout`. */
  readonly timeoutMs?: number | undefined;
  readonly clock: Clock;
  /** Charged with what came and was not pulled yet; the call releases it. */
  readonly memory: Reservation;
}

/** One call over one byte stream, which it owns. Messages are pulled; what was received comes before the failure. */
export class ClientCall<Request, Response> {
  readonly #options: ClientCallOptions<Request, Response>;
  readonly #reader: MessageReader;
  readonly #transport: FilteredDuplex;
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  #isHeld = false;
  #status: ResponseStatus | undefined;
  #error: NetworkError | undefined;
  #isOver = false;
  #isClosed = false;
  #wake: () => void = () => {};

  /** Sends the request at once. */
  constructor(duplex: Duplex, options: ClientCallOptions<Request, Response>) {
    this.#options = options;
    this.#reader = new MessageReader(options.method.maxResponseBytes);
    this.#transport = new FilteredDuplex(duplex, {
      inbound: new DataMerge(MAX_FRAME_BYTES),
      outbound: new GoawayWatch(PREFACE_BYTES),
      onGivenUp: () => this.#broke('the peer broke HTTP/2'),
    });
    this.#session = connect('http://peer', {
      createConnection: () => this.#transport,
      maxHeaderListPairs: 64,
      settings: { enablePush: false, initialWindowSize: WINDOW_BYTES, maxFrameSize: MAX_FRAME_BYTES },
    });
    this.#session.on('error', (error) => this.#broke(errorText(error)));
    this.#session.once('connect', () => {
      if (!this.#session.destroyed) this.#session.setLocalWindowSize(WINDOW_BYTES);
    });
    this.#session.once('close', () => {
      this.#broke('the session ended');
      detachSession(this.#session);
    });
    this.#stream = this.#send();
  }

  /**
   * The next message that is already here.
   * @throws {NetworkError} NETWORK.MESSAGE_TOO_LARGE | NETWORK.BAD_MESSAGE
   */
  take(): Response | undefined {
    let bytes: Uint8Array | undefined;
    try {
      bytes = this.#reader.next();
    } catch (error) {
      throw error instanceof MessageFramingError ? this.#unreadable(error.fault) : error;
    }
    if (this.#isHeld && this.#reader.bufferedBytes < READ_AHEAD_BYTES / 2) {
      this.#isHeld = false;
      this.#transport.releaseInbound();
    }
    if (bytes === undefined) {
      this.#charge();
      return undefined;
    }
    try {
      return this.#options.method.decode(bytes);
    } catch (error) {
      throw this.#bad(errorText(error), error);
    }
  }

  /**
   * Waits that long for the next message; undefined at the end of a call that went well.
   * @throws {NetworkError} NETWORK.RPC_FAILED | NETWORK.RPC_TIMEOUT | NETWORK.STREAM_FAILED | NETWORK.LIMIT_REACHED, what `fail` was told,
   * and those of `take`
   */
  async next(timeoutMs: number): Promise<Response | undefined> {
    const { clock, peerId, method } = this.#options;
    const cancelTimer = clock.setTimeout(() => {
      this.fail(new NetworkError({ code: 'NETWORK.RPC_TIMEOUT', peerId, path: method.path, timeoutMs }));
    }, timeoutMs);
    try {
      for (;;) {
        const message = this.take();
        if (message !== undefined) return message;
        if (this.#error !== undefined) throw this.#error;
        if (this.#isOver) {
          if (this.#reader.isMidMessage) throw this.#bad('the last message is cut off');
          return undefined;
        }
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      cancelTimer();
    }
  }

  /** Gives the call up. The first outcome counts. */
  fail(error: NetworkError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#wake();
  }

  /** Ends the call, cancelling it if it is under way, and gives up the byte stream. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.memory.release();
    this.#broke('the call was closed');
    if (this.#transport.destroyed) return;
    const cancel = this.#options.clock.setTimeout(() => this.#transport.destroy(), CLOSE_TIMEOUT_MS);
    this.#transport.once('close', cancel);
    if (!this.#stream.closed) this.#stream.close(constants.NGHTTP2_CANCEL);
    if (!this.#session.destroyed) this.#session.destroy();
  }

  #send(): ClientHttp2Stream {
    const { method, request, timeoutMs, userAgent } = this.#options;
    const stream = this.#session.request({
      ':method': 'POST',
      ':path': method.path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': userAgent,
      ...(timeoutMs === undefined ? {} : { 'grpc-timeout': formatGrpcTimeout(timeoutMs) }),
    });
    stream.on('response', (headers) => {
      this.#status = statusOfTrailers(headers) ?? refusalOfHeaders(headers);
    });
    stream.on('trailers', (headers) => {
      this.#status ??= statusOfTrailers(headers);
    });
    stream.on('data', (chunk: Uint8Array) => this.#take(chunk));
    // What went wrong shows in `close` and in the session's error.
    stream.on('error', () => {});
    stream.once('close', () => this.#settle(stream.rstCode));
    stream.end(frameMessage(method.encode(request)));
    return stream;
  }

  #take(chunk: Uint8Array): void {
    this.#reader.push(chunk);
    this.#charge();
    if (!this.#isHeld && this.#reader.bufferedBytes > READ_AHEAD_BYTES) {
      this.#isHeld = true;
      this.#transport.holdInbound();
    }
    this.#wake();
  }

  #charge(): void {
    try {
      this.#options.memory.resize(this.#reader.heldBytes);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      this.fail(error);
    }
  }

  #settle(resetCode: number): void {
    const { peerId, method } = this.#options;
    if (this.#status === undefined) {
      this.#broke(resetCode === 0 ? 'the reply has no status' : `reset with code ${resetCode}`);
    } else if (this.#status.status !== GrpcStatus.OK) {
      this.fail(new NetworkError({ code: 'NETWORK.RPC_FAILED', peerId, path: method.path, ...this.#status }));
    } else if (resetCode !== 0) {
      this.#broke(`reset with code ${resetCode}`);
    } else if (!this.#isOver) {
      this.#isOver = true;
      this.#wake();
    }
  }

  #broke(reason: string): void {
    const { peerId, method } = this.#options;
    this.fail(new NetworkError({ code: 'NETWORK.STREAM_FAILED', peerId, protocol: method.protocol, reason }));
  }

  #unreadable(fault: MessageFault): NetworkError {
    const { peerId, method } = this.#options;
    if (fault.kind !== 'too-large') return this.#bad(`message framing: ${fault.kind}`);
    const { maxBytes } = fault;
    return new NetworkError({ code: 'NETWORK.MESSAGE_TOO_LARGE', peerId, path: method.path, maxBytes });
  }

  #bad(reason: string, cause?: unknown): NetworkError {
    const { peerId, method } = this.#options;
    return new NetworkError({ code: 'NETWORK.BAD_MESSAGE', peerId, path: method.path, reason }, cause);
  }
}
