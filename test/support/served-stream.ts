import { type Duplex, duplexPair } from 'node:stream';
import { GrpcStatus, GrpcStatusError } from '../../src/common/grpc-status.js';
import { SilentLogger } from '../../src/common/logger.port.js';
import {
  type FinishedCall,
  type PeerSession,
  servePeerStream,
} from '../../src/modules/network/grpc/stream-server.js';
import type {
  PeerMethodHandler,
  PeerStreamCall,
} from '../../src/modules/network/ports/peer-handlers.port.js';
import type { PeerId } from '../../src/modules/network/ports/types.js';
import type { Cleanups } from './cleanups.js';
import { eventually } from './eventually.js';
import { Flags, frame, message, type ParsedFrame, parseFrames, requestBlock } from './http2-bytes.js';
import { ManualClock } from './manual-clock.js';
import { peerLimits } from './peer-limits.js';

export const PEER = '16Uiu2HAmPeer' as PeerId;
export const MAX_REQUEST_BYTES = 1_000;

const codec = {
  decode: (bytes: Uint8Array) => {
    if (bytes[0] === 0xff) throw new Error('secret parser detail');
    return Buffer.from(bytes).toString('utf8');
  },
  encode: (text: unknown) => Buffer.from(String(text), 'utf8'),
  maxRequestBytes: MAX_REQUEST_BYTES,
};

/** What a test's handlers do; those that wait do so until their call's signal aborts. */
export class Script {
  readonly aborted: unknown[] = [];
  readonly finished: FinishedCall[] = [];
  writtenBytes = 0;

  /** Lets Gate answer. */
  open: () => void = () => {};
  readonly #opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });

  readonly #untilAborted = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        this.aborted.push(signal.reason);
        reject(signal.reason);
      });
    });

  readonly #methods: Record<string, PeerMethodHandler> = {
    Echo: { ...codec, kind: 'unary', handle: async (request, { peerId }) => `${request} from ${peerId}` },
    Wait: { ...codec, kind: 'unary', handle: (_, { signal }) => this.#untilAborted(signal) },
    Gate: {
      ...codec,
      kind: 'unary',
      handle: async () => {
        await this.#opened;
        return 'open';
      },
    },
    Refuse: {
      ...codec,
      kind: 'unary',
      handle: async () => {
        throw new GrpcStatusError(GrpcStatus.NOT_FOUND, 'höhe 7 % nicht da ✗');
      },
    },
    RefusePlain: {
      ...codec,
      kind: 'unary',
      handle: () => Promise.reject({ code: 5, details: 'plain object' }),
    },
    Break: { ...codec, kind: 'unary', handle: () => Promise.reject(new Error('secret: /home/keys')) },
    Odd: { ...codec, kind: 'unary', handle: () => Promise.reject({ code: 99, details: 'no such code' }) },
    Count: { ...codec, kind: 'server-stream', handle: (request, call) => this.#count(Number(request), call) },
    CountThenFail: {
      ...codec,
      kind: 'server-stream',
      handle: async (request, call) => {
        await this.#count(Number(request), call);
        throw new GrpcStatusError(GrpcStatus.DATA_LOSS, 'no more');
      },
    },
    Endless: {
      ...codec,
      kind: 'server-stream',
      handle: (_, call) => this.#count(Number.POSITIVE_INFINITY, call, 10_000),
    },
    Mute: { ...codec, kind: 'server-stream', handle: (_, { signal }) => this.#untilAborted(signal) },
  };

  find = (_service: string, method: string) => this.#methods[method];

  async #count(limit: number, call: PeerStreamCall, padding = 0): Promise<void> {
    const aborted = this.#untilAborted(call.signal);
    aborted.catch(() => {});
    for (let i = 0; i < limit && !call.signal.aborted; i += 1) {
      const text = String(i).padStart(padding, ' ');
      this.writtenBytes += text.length;
      if (!call.write(text)) {
        if (!call.writableNeedDrain) throw new Error('write refused although there is room');
        const { promise, resolve } = Promise.withResolvers<void>();
        call.once('drain', resolve);
        await Promise.race([promise, aborted]).finally(() => call.off('drain', resolve));
      }
    }
  }
}

export function serve(
  stream: Duplex,
  script: Script,
  clock: ManualClock,
  signal = new AbortController().signal,
): PeerSession {
  const { rates } = peerLimits(clock);
  return servePeerStream(stream, {
    peerId: PEER,
    services: ['v1.Test'],
    find: script.find,
    clock,
    log: new SilentLogger(),
    signal,
    takeFrames: (count) => rates.takeFrames(PEER, count),
    onCallFinished: (call) => script.finished.push(call),
  });
}

/** A client that writes what it likes. */
export function rawClient(cleanups: Cleanups, { highWaterMark = 1_048_576 } = {}) {
  const script = new Script();
  const clock = new ManualClock();
  const abort = new AbortController();
  const [near, far] = duplexPair({ highWaterMark });
  const session = serve(far, script, clock, abort.signal);
  const received: Buffer[] = [];
  near.on('data', (chunk: Buffer) => received.push(chunk));
  near.on('error', () => {});
  cleanups.add(async () => {
    session.destroy();
    await session.closed;
    near.destroy();
    if (!far.destroyed) throw new Error('the stream was left open');
    await eventually(() => session.activeCalls === 0);
    await eventually(() => clock.pendingTimers === 0, { describe: () => 'timers were left behind' });
  });
  const frames = () => parseFrames(Buffer.concat(received));
  const reply = async (stream: number, type: ParsedFrame['type']) => {
    const find = () => frames().find((one) => one.stream === stream && one.type === type);
    await eventually(() => find() !== undefined, {
      describe: () => `no ${type} on ${stream} in ${frames().length}`,
    });
    return find() as ParsedFrame;
  };
  const request = (stream: number, method: string, body: Uint8Array = message(Buffer.from('x'))) =>
    Buffer.concat([
      frame('headers', stream, requestBlock(`/v1.Test/${method}`), Flags.END_HEADERS),
      frame('data', stream, body, Flags.END_STREAM),
    ]);
  return { script, clock, abort, near, far, session, frames, reply, request };
}
