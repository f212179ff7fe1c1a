import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import * as grpc from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../../test/support/eventually.js';
import { Flags, field, frame, message, PREFACE, parseFrames } from '../../../../test/support/http2-bytes.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { GrpcStatus } from '../../../common/grpc-status.js';
import { NetworkError } from '../network.errors.js';
import type { PeerMethod } from '../ports/peer-protocols.port.js';
import type { PeerId } from '../ports/types.js';
import { PeerRpcClient } from './stream-client.js';

const PEER = '16Uiu2HAmPeer' as PeerId;
const TIMEOUT_MS = 5_000;

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

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A client whose streams come from `open`; at the end all of them must be gone, and every timer. */
function clientOver(open: () => Duplex | Promise<Duplex>) {
  const clock = new ManualClock();
  const streams: Duplex[] = [];
  const client = new PeerRpcClient({
    clock,
    userAgent: 'edgekeeper/0.0.0-test',
    openStream: async () => {
      const stream = await open();
      streams.push(stream);
      return stream;
    },
  });
  cleanups.push(async () => {
    await eventually(() => streams.every(({ destroyed }) => destroyed), {
      describe: () => `${streams.filter(({ destroyed }) => !destroyed).length} streams left open`,
    });
    expect(clock.pendingTimers).toBe(0);
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
  return { client, clock, streams, call, stream };
}

async function failure(work: Promise<unknown>): Promise<NetworkError['detail']> {
  const outcome = await work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome && outcome.error instanceof NetworkError) return outcome.error.detail;
  throw new Error(`no NetworkError but ${JSON.stringify(outcome)}`);
}

async function collect(stream: AsyncIterable<string>): Promise<{ messages: string[]; error: unknown }> {
  const messages: string[] = [];
  try {
    for await (const text of stream) messages.push(text);
    return { messages, error: undefined };
  } catch (error) {
    return { messages, error };
  }
}

const codeOf = (error: unknown) => (error instanceof NetworkError ? error.code : error);

describe('PeerRpcClient, with a grpc-js server', () => {
  async function connect() {
    const seen: { deadline: unknown; userAgent: unknown; host: string }[] = [];
    const arrived: string[] = [];
    const cancelled: string[] = [];
    const identity = (bytes: Buffer) => bytes;
    const define = (name: string, responseStream: boolean) => ({
      path: `/v1.Test/${name}`,
      requestStream: false,
      responseStream,
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    });
    const server = new grpc.Server();
    server.addService(
      {
        echo: define('Echo', false),
        wait: define('Wait', false),
        fail: define('Fail', false),
        count: define('Count', true),
        endless: define('Endless', true),
      },
      {
        echo: (call: grpc.ServerUnaryCall<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) => {
          seen.push({
            deadline: call.getDeadline(),
            userAgent: call.metadata.get('user-agent')[0],
            host: call.getHost(),
          });
          done(null, call.request);
        },
        wait: (call: grpc.ServerUnaryCall<Buffer, Buffer>) => {
          arrived.push('Wait');
          call.on('cancelled', () => cancelled.push('Wait'));
        },
        fail: (_: unknown, done: grpc.sendUnaryData<Buffer>) =>
          done({ code: 9, details: 'höhe 7 % ✗\nzwei' }),
        count: (call: grpc.ServerWritableStream<Buffer, Buffer>) => {
          for (let i = 0; i < Number(call.request); i += 1) call.write(Buffer.from(String(i)));
          call.end();
        },
        endless: (call: grpc.ServerWritableStream<Buffer, Buffer>) => {
          arrived.push('Endless');
          call.on('cancelled', () => cancelled.push('Endless'));
          call.write(Buffer.from('one'));
        },
      },
    );
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => {
        if (error) reject(error);
        else resolve(bound);
      });
    });
    cleanups.push(() => server.forceShutdown());
    const open = async () => {
      const socket = connectTcp(port, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    };
    return { ...clientOver(open), seen, arrived, cancelled };
  }

  it('calls, and says who calls and how long it waits', async () => {
    const { call, seen } = await connect();
    expect(await call('Echo', 'grüße')).toBe('grüße');
    expect(await call('Echo', '')).toBe('');
    expect(seen[0]).toMatchObject({ userAgent: 'edgekeeper/0.0.0-test', host: 'peer:80' });
    expect(Number(seen[0]?.deadline) - Date.now()).toBeLessThanOrEqual(TIMEOUT_MS);
  });

  it('tells the status and its text', async () => {
    const { call, stream } = await connect();
    expect(await failure(call('Fail'))).toEqual({
      code: 'NETWORK.RPC_FAILED',
      peerId: PEER,
      path: '/v1.Test/Fail',
      status: GrpcStatus.FAILED_PRECONDITION,
      details: 'höhe 7 % ✗ zwei',
    });
    expect(await failure(call('Missing'))).toMatchObject({
      code: 'NETWORK.RPC_FAILED',
      status: GrpcStatus.UNIMPLEMENTED,
    });
    const { messages, error } = await collect(stream('Missing'));
    expect(messages).toEqual([]);
    expect(codeOf(error)).toBe('NETWORK.RPC_FAILED');
  });

  it('streams in order to the end', async () => {
    const { stream } = await connect();
    const { messages, error } = await collect(stream('Count', '3000'));
    expect(error).toBeUndefined();
    expect(messages).toEqual(Array.from({ length: 3_000 }, (_, i) => String(i)));
    expect(await collect(stream('Count', '0'))).toEqual({ messages: [], error: undefined });
  });

  it('cancels at the server when the consumer breaks out', async () => {
    const { stream, cancelled } = await connect();
    for await (const text of stream('Endless')) {
      expect(text).toBe('one');
      break;
    }
    await eventually(() => cancelled.includes('Endless'));
  });

  it('cancels at the server when the time is over or the caller gives up', async () => {
    const { call, stream, arrived, cancelled, clock } = await connect();
    const late = failure(call('Wait', 'x', { timeoutMs: 60_000 }));
    await eventually(() => arrived.length === 1);
    await clock.advanceAsync(60_000);
    expect(await late).toEqual({
      code: 'NETWORK.RPC_TIMEOUT',
      peerId: PEER,
      path: '/v1.Test/Wait',
      timeoutMs: 60_000,
    });

    const abort = new AbortController();
    const given = failure(call('Wait', 'x', { signal: abort.signal }));
    await eventually(() => arrived.length === 2);
    abort.abort(new Error('shutdown'));
    expect(await given).toEqual({ code: 'NETWORK.CANCELLED' });

    const streamAbort = new AbortController();
    const streamed = collect(stream('Endless', 'x', { signal: streamAbort.signal }));
    await eventually(() => arrived.length === 3);
    streamAbort.abort();
    expect(codeOf((await streamed).error)).toBe('NETWORK.CANCELLED');
    await eventually(() => cancelled.length === 3);
    expect(cancelled).toEqual(['Wait', 'Wait', 'Endless']);
  });

  it('times a stream out that says nothing more', async () => {
    const { stream, clock } = await connect();
    const messages: string[] = [];
    let error: unknown;
    const done = (async () => {
      for await (const text of stream('Endless')) messages.push(text);
    })().catch((thrown: unknown) => {
      error = thrown;
    });
    await eventually(() => messages.length === 1);
    await clock.advanceAsync(TIMEOUT_MS);
    await done;
    expect(codeOf(error)).toBe('NETWORK.RPC_TIMEOUT');
  });
});

const RESPONSE = Buffer.concat([Buffer.from([0x88]), field('content-type', 'application/grpc')]);
const trailers = (status: string) =>
  frame('headers', 1, field('grpc-status', status), Flags.END_HEADERS | Flags.END_STREAM);
const responseHeaders = (block: Uint8Array = RESPONSE, flags = 0) =>
  frame('headers', 1, block, Flags.END_HEADERS | flags);
const data = (...messages: string[]) =>
  frame('data', 1, Buffer.concat(messages.map((text) => message(Buffer.from(text)))));
const SETTINGS = Buffer.concat([frame('settings', 0), frame('settings', 0, Buffer.alloc(0), Flags.ACK)]);

/** A server that says what it likes once the request is there. */
function rawServer(reply: Buffer, { end = false, highWaterMark = 1_048_576 } = {}) {
  const received: Buffer[] = [];
  let peer: Duplex | undefined;
  const rig = clientOver(() => {
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
  });
  const frames = () => parseFrames(Buffer.concat(received).subarray(PREFACE.length));
  const hasRequest = () =>
    frames().some(({ type, flags }) => type === 'data' && (flags & Flags.END_STREAM) !== 0);
  return { ...rig, frames, hasRequest, peer: () => peer as Duplex };
}

describe('PeerRpcClient, with a server that is no good', () => {
  it('takes a reply that comes well', async () => {
    const { call, frames } = rawServer(
      Buffer.concat([SETTINGS, responseHeaders(), data('yes'), trailers('0')]),
    );
    expect(await call('Echo')).toBe('yes');
    const sent = frames();
    expect(sent.filter(({ type }) => type === 'headers')).toHaveLength(1);
    expect(sent.find(({ type }) => type === 'data')?.payload).toEqual(message(Buffer.from('x')));
  });

  const replies: { name: string; bytes: Buffer; code: string; status?: number }[] = [
    {
      name: 'no message',
      bytes: Buffer.concat([responseHeaders(), trailers('0')]),
      code: 'NETWORK.BAD_MESSAGE',
    },
    {
      name: 'two messages',
      bytes: Buffer.concat([responseHeaders(), data('a', 'b'), trailers('0')]),
      code: 'NETWORK.BAD_MESSAGE',
    },
    {
      name: 'a compressed message',
      bytes: Buffer.concat([responseHeaders(), frame('data', 1, message(Buffer.from('a'), 1))]),
      code: 'NETWORK.BAD_MESSAGE',
    },
    {
      name: 'an undecodable message',
      bytes: Buffer.concat([responseHeaders(), frame('data', 1, message(Buffer.from([0xff])))]),
      code: 'NETWORK.BAD_MESSAGE',
    },
    {
      name: 'half a message',
      bytes: Buffer.concat([
        responseHeaders(),
        frame('data', 1, message(Buffer.from('abc')).subarray(0, 6)),
        trailers('0'),
      ]),
      code: 'NETWORK.BAD_MESSAGE',
    },
    {
      name: 'a message over the limit',
      bytes: Buffer.concat([responseHeaders(), frame('data', 1, Buffer.from('0000ffffff', 'hex'))]),
      code: 'NETWORK.MESSAGE_TOO_LARGE',
    },
    {
      name: 'no trailers',
      bytes: Buffer.concat([
        responseHeaders(),
        frame('data', 1, message(Buffer.from('a')), Flags.END_STREAM),
      ]),
      code: 'NETWORK.STREAM_FAILED',
    },
    {
      name: 'a message, then a failure',
      bytes: Buffer.concat([responseHeaders(), data('a'), trailers('14')]),
      code: 'NETWORK.RPC_FAILED',
      status: 14,
    },
    {
      name: 'a status alone',
      bytes: responseHeaders(Buffer.concat([RESPONSE, field('grpc-status', '12')]), Flags.END_STREAM),
      code: 'NETWORK.RPC_FAILED',
      status: 12,
    },
    {
      name: 'a status that is no number',
      bytes: Buffer.concat([responseHeaders(), trailers('ok')]),
      code: 'NETWORK.RPC_FAILED',
      status: 2,
    },
    {
      name: 'HTTP 404',
      bytes: responseHeaders(Buffer.from([0x8d]), Flags.END_STREAM),
      code: 'NETWORK.RPC_FAILED',
      status: 12,
    },
    {
      name: 'HTTP 418',
      bytes: responseHeaders(field(':status', '418'), Flags.END_STREAM),
      code: 'NETWORK.RPC_FAILED',
      status: 2,
    },
    {
      name: 'a web page',
      bytes: responseHeaders(
        Buffer.concat([Buffer.from([0x88]), field('content-type', 'text/html')]),
        Flags.END_STREAM,
      ),
      code: 'NETWORK.RPC_FAILED',
      status: 2,
    },
    { name: 'a reset', bytes: frame('reset', 1, Buffer.from([0, 0, 0, 8])), code: 'NETWORK.STREAM_FAILED' },
    {
      name: 'a reset after the status',
      bytes: Buffer.concat([responseHeaders(), frame('reset', 1, Buffer.from([0, 0, 0, 2]))]),
      code: 'NETWORK.STREAM_FAILED',
    },
    {
      name: 'GOAWAY',
      bytes: frame('goaway', 0, Buffer.from([0, 0, 0, 0, 0, 0, 0, 11])),
      code: 'NETWORK.STREAM_FAILED',
    },
    { name: 'broken HTTP/2', bytes: frame('data', 0, Buffer.alloc(3)), code: 'NETWORK.STREAM_FAILED' },
    {
      name: 'garbage',
      bytes: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
      code: 'NETWORK.STREAM_FAILED',
    },
    {
      name: 'a header bomb',
      bytes: responseHeaders(
        Buffer.concat([RESPONSE, ...Array.from({ length: 200 }, (_, i) => field(`x-${i}`, 'y'))]),
      ),
      code: 'NETWORK.STREAM_FAILED',
    },
  ];

  it.each(replies)('fails with $code at $name', async ({ name, bytes, code, status }) => {
    const { call } = rawServer(name === 'garbage' ? bytes : Buffer.concat([SETTINGS, bytes]));
    const detail = await failure(call('Echo'));
    expect(detail.code).toBe(code);
    if (status !== undefined) expect(detail).toMatchObject({ status });
  });

  it.each(replies.filter(({ name }) => name !== 'no message' && name !== 'two messages'))(
    'fails a stream with $code at $name',
    async ({ name, bytes, code }) => {
      const { stream } = rawServer(name === 'garbage' ? bytes : Buffer.concat([SETTINGS, bytes]));
      expect(codeOf((await collect(stream('Count'))).error)).toBe(code);
    },
  );

  it('fails when the stream ends before the reply does, and gives what came before', async () => {
    const { stream } = rawServer(Buffer.concat([SETTINGS, responseHeaders(), data('a', 'b')]), { end: true });
    const { messages, error } = await collect(stream('Count'));
    expect(messages).toEqual(['a', 'b']);
    expect(codeOf(error)).toBe('NETWORK.STREAM_FAILED');
  });

  it('does not let a drip of bytes stand for a message', async () => {
    const { stream, clock, peer, hasRequest } = rawServer(Buffer.concat([SETTINGS, responseHeaders()]));
    const done = collect(stream('Count'));
    await eventually(hasRequest);
    const drip = message(Buffer.alloc(1_000));
    for (let i = 0; i < 5; i += 1) {
      peer().write(frame('data', 1, drip.subarray(i, i + 1)));
      await clock.advanceAsync(TIMEOUT_MS / 5);
    }
    expect(codeOf((await done).error)).toBe('NETWORK.RPC_TIMEOUT');
  });

  it('reads no more of an endless stream than a bound while the consumer does not ask', async () => {
    const { stream, peer, hasRequest } = rawServer(Buffer.concat([SETTINGS, responseHeaders()]), {
      highWaterMark: 16_384,
    });
    const messages = stream('Count')[Symbol.asyncIterator]();
    const first = messages.next();
    await eventually(hasRequest);
    let taken = 0;
    const far = peer();
    const block = data('y'.repeat(10_000));
    const feed = () => {
      while (taken < 4_000_000) {
        taken += block.length;
        if (!far.write(block)) {
          far.once('drain', feed);
          return;
        }
      }
    };
    feed();
    expect((await first).value).toHaveLength(10_000);
    const before = await stable(() => taken);
    expect(before).toBeLessThan(262_144 + 131_072 + 200_000);
    for (let i = 0; i < 100; i += 1) await messages.next();
    await eventually(() => taken > before);
    await messages.return?.(undefined);
  });

  it('bounds memory when the server sends one-byte frames to a consumer that does not ask', async () => {
    const { stream, peer, hasRequest } = rawServer(Buffer.concat([SETTINGS, responseHeaders()]), {
      highWaterMark: 16_384,
    });
    const messages = stream('Count')[Symbol.asyncIterator]();
    const first = messages.next();
    await eventually(hasRequest);
    const far = peer();
    const whole = message(Buffer.from('z'));
    let taken = 0;
    const feed = () => {
      while (taken < 400_000) {
        const bytes = frame('data', 1, whole.subarray(taken % whole.length, (taken % whole.length) + 1));
        taken += 1;
        if (!far.write(bytes)) {
          far.once('drain', feed);
          return;
        }
      }
    };
    feed();
    await first;
    // Each chunk is counted by what it costs, about 250 bytes.
    expect(await stable(() => taken)).toBeLessThan(40_000);
    await messages.return?.(undefined);
  });

  it('does not open a stream for a caller that has given up, and closes one that comes too late', async () => {
    const aborted = AbortSignal.abort();
    const { call, stream, streams } = rawServer(Buffer.alloc(0));
    expect(await failure(call('Echo', 'x', { signal: aborted }))).toEqual({ code: 'NETWORK.CANCELLED' });
    expect(codeOf((await collect(stream('Count', 'x', { signal: aborted }))).error)).toBe(
      'NETWORK.CANCELLED',
    );
    expect(streams).toHaveLength(0);

    let give: (stream: Duplex) => void = () => {};
    const late = clientOver(() => new Promise((resolve) => (give = resolve)));
    const timedOut = failure(late.call('Echo'));
    await late.clock.advanceAsync(TIMEOUT_MS);
    expect(await timedOut).toMatchObject({ code: 'NETWORK.RPC_TIMEOUT' });
    give(duplexPair()[0]);
  });

  it('passes on why a stream cannot be opened', async () => {
    const reason = new NetworkError({ code: 'NETWORK.NOT_CONNECTED', peerId: PEER });
    const { call, stream } = clientOver(() => Promise.reject(reason));
    expect(await failure(call('Echo'))).toBe(reason.detail);
    expect((await collect(stream('Count'))).error).toBe(reason);
  });

  it('fails on a stream that is gone already', async () => {
    const { call } = clientOver(() => {
      const [near] = duplexPair();
      near.destroy();
      return near;
    });
    expect(await failure(call('Echo'))).toMatchObject({ code: 'NETWORK.STREAM_FAILED' });
  });

  it('cuts a stream off whose other end takes no goodbye', async () => {
    const { call, clock, streams } = clientOver(() => {
      const [near] = duplexPair();
      near.write = (() => false) as typeof near.write;
      return near;
    });
    const late = failure(call('Echo'));
    await clock.advanceAsync(TIMEOUT_MS);
    expect(await late).toMatchObject({ code: 'NETWORK.RPC_TIMEOUT' });
    await clock.advanceAsync(2_000);
    expect(streams[0]?.destroyed).toBe(true);
  });

  it('survives the loss of the stream after any byte of the reply', async () => {
    const exchange = Buffer.concat([SETTINGS, responseHeaders(), data('a', 'b', 'c'), trailers('0')]);
    for (let at = 0; at <= exchange.length; at += 1) {
      const { stream, peer, hasRequest, streams } = rawServer(exchange.subarray(0, at));
      const done = collect(stream('Count'));
      await eventually(hasRequest);
      if (at % 3 > 0) await new Promise((resolve) => setImmediate(resolve));
      (at % 2 === 0 ? peer() : (streams[0] as Duplex)).destroy(
        at % 4 < 2 ? new Error('connection reset') : undefined,
      );
      if (at % 2 === 0) streams[0]?.destroy();
      const { messages, error } = await done;
      expect(['a', 'b', 'c'].slice(0, messages.length)).toEqual(messages);
      if (messages.length < 3) expect(codeOf(error)).toBe('NETWORK.STREAM_FAILED');
    }
  });
});

/** The value once it stays the same over many turns of the event loop. */
async function stable(read: () => number): Promise<number> {
  let last = read();
  for (let same = 0; same < 200; ) {
    await new Promise((resolve) => setImmediate(resolve));
    const now = read();
    same = now === last ? same + 1 : 0;
    last = now;
  }
  return last;
}
