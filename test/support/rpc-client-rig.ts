import { type Duplex, duplexPair } from 'node:stream';
import { PeerRpcClient } from '../../src/modules/network/grpc/stream-client.js';
import { NetworkError } from '../../src/modules/network/network.errors.js';
import type { PeerMethod } from '../../src/modules/network/ports/peer-protocols.port.js';
import type { PeerId } from '../../src/modules/network/ports/types.js';
import type { Cleanups } from './cleanups.js';
import { eventually } from './eventually.js';
import { Flags, field, frame, message, PREFACE, parseFrames } from './http2-bytes.js';
import { ManualClock } from './manual-clock.js';
import { peerLimits } from './peer-limits.js';

export const PEER = '16Uiu2HAmPeer' as PeerId;
export const TIMEOUT_MS = 5_000;

function method(name: string, maxResponseBytes = 100_000): PeerMethod<string, string> {
  return {
    protocol: '/test/0.1',
    path: `/v1.Test/${name}`,
    encode: (text) => Buffer.from(text),
    decode: (bytes) => {
      if (bytes[0] === 0xff) throw new Error('undecodable');
      return Buffer.from(bytes).toString();
    },
    maxResponseBytes,
  };
}

/** A client whose streams come from `open`; at the end all of them must be gone, and every timer. */
export function clientOver(cleanups: Cleanups, open: () => Duplex | Promise<Duplex>, limits: object = {}) {
  const clock = new ManualClock();
  const streams: Duplex[] = [];
  const { ledger, refused } = peerLimits(clock, limits);
  const client = new PeerRpcClient({
    clock,
    ledger,
    userAgent: 'edgekeeper/0.0.0-test',
    openStream: async () => {
      const stream = await open();
      streams.push(stream);
      return stream;
    },
  });
  cleanups.add(async () => {
    await eventually(() => streams.every(({ destroyed }) => destroyed), {
      describe: () => `${streams.filter(({ destroyed }) => !destroyed).length} streams left open`,
    });
    await eventually(() => clock.pendingTimers === 0, { describe: () => 'timers were left behind' });
    await eventually(() => ledger.usage().total.memory === 0, { describe: () => 'memory was left charged' });
  });
  const call = (
    name: string,
    request = 'x',
    options: { timeoutMs?: number; signal?: AbortSignal; maxResponseBytes?: number } = {},
  ) =>
    client.call(PEER, method(name, options.maxResponseBytes), request, {
      signal: options.signal ?? new AbortController().signal,
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    });
  const stream = (
    name: string,
    request = 'x',
    options: { signal?: AbortSignal; maxResponseBytes?: number } = {},
  ) =>
    client.stream(PEER, method(name, options.maxResponseBytes), request, {
      signal: options.signal ?? new AbortController().signal,
      idleTimeoutMs: TIMEOUT_MS,
    });
  return { client, clock, streams, call, stream, refused };
}

export async function failure(work: Promise<unknown>): Promise<NetworkError['detail']> {
  const outcome = await work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome && outcome.error instanceof NetworkError) return outcome.error.detail;
  throw new Error(`no NetworkError but ${JSON.stringify(outcome)}`);
}

export async function collect(
  stream: AsyncIterable<string>,
): Promise<{ messages: string[]; error: unknown }> {
  const messages: string[] = [];
  try {
    for await (const text of stream) messages.push(text);
    return { messages, error: undefined };
  } catch (error) {
    return { messages, error };
  }
}

export const codeOf = (error: unknown) => (error instanceof NetworkError ? error.code : error);

export const RESPONSE = Buffer.concat([Buffer.from([0x88]), field('content-type', 'application/grpc')]);
export const trailers = (status: string) =>
  frame('headers', 1, field('grpc-status', status), Flags.END_HEADERS | Flags.END_STREAM);
export const responseHeaders = (block: Uint8Array = RESPONSE, flags = 0) =>
  frame('headers', 1, block, Flags.END_HEADERS | flags);
export const data = (...messages: string[]) =>
  frame('data', 1, Buffer.concat(messages.map((text) => message(Buffer.from(text)))));
export const SETTINGS = Buffer.concat([
  frame('settings', 0),
  frame('settings', 0, Buffer.alloc(0), Flags.ACK),
]);

/** A server that says what it likes once the request is there. */
export function rawServer(
  cleanups: Cleanups,
  reply: Buffer,
  { end = false, highWaterMark = 1_048_576, limits = {} } = {},
) {
  const received: Buffer[] = [];
  let peer: Duplex | undefined;
  const rig = clientOver(
    cleanups,
    () => {
      const [near, far] = duplexPair({ highWaterMark });
      peer = far;
      far.on('error', () => {});
      far.on('data', (chunk: Buffer) => {
        const wasComplete = hasRequest();
        received.push(chunk);
        if (wasComplete || !hasRequest()) return;
        far.write(reply);
        if (end) far.end();
      });
      return near;
    },
    limits,
  );
  const frames = () => parseFrames(Buffer.concat(received).subarray(PREFACE.length));
  const hasRequest = () =>
    frames().some(({ type, flags }) => type === 'data' && (flags & Flags.END_STREAM) !== 0);
  return { ...rig, frames, hasRequest, peer: () => peer as Duplex };
}
