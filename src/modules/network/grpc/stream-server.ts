import {
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import { errorFields } from '../../../common/app-error.js';
import { AuthorityRewrite } from './authority-rewrite.js';
import { detachSession } from './detach-session.js';
import { FilteredDuplex } from './filtered-duplex.js';
import { GoawayWatch } from './goaway-watch.js';
import type { InboundFilter } from './inbound-filter.js';
import { type CallContext, type CallLimits, ServerCall } from './server-call.js';

/** Decoded request headers, more than ten times what gRPC needs. */
const MAX_HEADER_LIST_BYTES = 8_192;

/** Bounds of one inbound session; times in ms. */
export interface StreamServerLimits extends CallLimits {
  /** Calls at once. */
  readonly maxConcurrentCalls: number;
  /** From the stream's opening to the client's preface and SETTINGS. */
  readonly prefaceTimeoutMs: number;
  /** From the stream's opening to its first call. Later a session may idle as long as it likes, as Go's do. */
  readonly firstCallTimeoutMs: number;
  /** For calls under way when the session is closed. */
  readonly closeTimeoutMs: number;
}

export const STREAM_SERVER_LIMITS: StreamServerLimits = {
  maxConcurrentCalls: 16,
  prefaceTimeoutMs: 10_000,
  firstCallTimeoutMs: 60_000,
  requestTimeoutMs: 10_000,
  unaryTimeoutMs: 30_000,
  stallTimeoutMs: 60_000,
  closeTimeoutMs: 2_000,
};

export interface FinishedCall {
  /** As the client wrote it: bound it before it becomes a label. */
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
}

export interface StreamServerOptions extends Omit<CallContext, 'limits'> {
  readonly limits?: StreamServerLimits;
  /** Ends the session at once. */
  readonly signal: AbortSignal;
  /** Counts HTTP/2 frames that came; throws when there were too many, which ends the session. */
  takeFrames(count: number): void;
  onCallFinished?(call: FinishedCall): void;
}

/** A peer's stream that we serve. */
export interface PeerSession {
  /** Calls whose handlers run, or whose replies have not left. */
  readonly activeCalls: number;
  /** Resolves when the session and its stream are gone. */
  readonly closed: Promise<void>;
  /** Takes no more calls and resolves as `closed` does: when those under way are done, or after a bound. */
  close(): Promise<void>;
  /** Ends everything now. */
  destroy(): void;
}

/**
 * Serves gRPC on a byte stream whose other end is an HTTP/2 client with prior knowledge. Owns the stream; never throws.
 * @see polygon-edge@597a0f3 network/grpc/grpc.go GrpcStream
 * @remarks Differs: requests, calls and stalled readers have deadlines, and small limits (see {@link StreamServerLimits}).
 */
export function servePeerStream(stream: Duplex, options: StreamServerOptions): PeerSession {
  return new ServedSession(stream, options);
}

class ServedSession implements PeerSession {
  readonly closed: Promise<void>;
  activeCalls = 0;
  readonly #options: StreamServerOptions;
  readonly #limits: StreamServerLimits;
  readonly #rewrite = new AuthorityRewrite();
  readonly #transport: FilteredDuplex;
  readonly #session: ServerHttp2Session;
  readonly #context: CallContext;
  readonly #openedAtMs: number;
  #stopChecking: () => void = () => {};
  #isPrefaceSeen = false;
  #hasServed = false;
  /** Which held header block the last check saw. */
  #heldId = 0;

  constructor(stream: Duplex, options: StreamServerOptions) {
    this.#options = options;
    this.#limits = options.limits ?? STREAM_SERVER_LIMITS;
    this.#context = { ...options, limits: this.#limits };
    this.#openedAtMs = options.clock.monotonicMs();
    this.#transport = new FilteredDuplex(stream, {
      inbound: limitFrames(this.#rewrite, options.takeFrames),
      outbound: new GoawayWatch(0),
      onGivenUp: () => this.#session.destroy(),
    });
    this.#session = performServerHandshake(this.#transport, {
      maxSettings: 16,
      maxHeaderListPairs: 64,
      maxOutstandingPings: 4,
      settings: {
        enablePush: false,
        maxConcurrentStreams: this.#limits.maxConcurrentCalls,
        maxHeaderListSize: MAX_HEADER_LIST_BYTES,
      },
    });
    this.closed = new Promise((resolve) => this.#transport.once('close', resolve));
    this.#wire();
    this.#checkLater();
  }

  close(): Promise<void> {
    if (!this.#session.destroyed) this.#session.close();
    const cancel = this.#options.clock.setTimeout(() => this.destroy(), this.#limits.closeTimeoutMs);
    return this.closed.finally(cancel);
  }

  destroy(): void {
    if (!this.#session.destroyed) this.#session.destroy();
    this.#transport.destroy();
  }

  #wire(): void {
    const { signal, log, peerId } = this.#options;
    const session = this.#session;
    const onAbort = () => this.destroy();
    session.on('stream', (stream, headers) => this.#serve(stream, headers));
    session.once('remoteSettings', () => {
      this.#isPrefaceSeen = true;
    });
    session.on('error', (error) => log.debug('peer session failed', { peerId, ...errorFields(error) }));
    session.once('close', () => {
      this.#transport.destroy();
      detachSession(session);
    });
    this.#transport.once('close', () => {
      signal.removeEventListener('abort', onAbort);
      this.#stopChecking();
    });
    if (signal.aborted) this.destroy();
    else signal.addEventListener('abort', onAbort, { once: true });
  }

  #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const { clock } = this.#options;
    const startedAtMs = clock.monotonicMs();
    const call = new ServerCall(stream, this.#context);
    this.#hasServed = true;
    this.activeCalls += 1;
    void call.run(headers).then((status) => {
      this.activeCalls -= 1;
      const durationMs = clock.monotonicMs() - startedAtMs;
      this.#options.onCallFinished?.({ path: String(headers[':path']), status, durationMs });
    });
  }

  #checkLater(): void {
    this.#stopChecking = this.#options.clock.setTimeout(() => this.#check(), this.#limits.prefaceTimeoutMs);
  }

  /** Now and then: is this session still good for something? */
  #check(): void {
    const { heldId } = this.#rewrite;
    const ageMs = this.#options.clock.monotonicMs() - this.#openedAtMs;
    const isMute = !this.#isPrefaceSeen || (!this.#hasServed && ageMs >= this.#limits.firstCallTimeoutMs);
    const isStuck = heldId !== 0 && heldId === this.#heldId;
    this.#heldId = heldId;
    // A destroyed session waits for its last write, which a peer that does not read can delay for ever.
    if (isMute || isStuck || this.#session.destroyed) this.destroy();
    else this.#checkLater();
  }
}

function limitFrames(rewrite: AuthorityRewrite, takeFrames: (count: number) => void): InboundFilter {
  return {
    push(chunk, emit) {
      rewrite.push(chunk, emit);
      takeFrames(rewrite.takeFrameCount());
    },
  };
}
