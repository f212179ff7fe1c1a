import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import * as grpc from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../../test/support/eventually.js';
import {
  cut,
  Flags,
  field,
  frame,
  message,
  OPENING,
  type ParsedFrame,
  PREFACE,
  parseFrames,
  requestBlock,
} from '../../../../test/support/http2-bytes.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { GrpcStatus, GrpcStatusError } from '../../../common/grpc-status.js';
import { SilentLogger } from '../../../common/logger.port.js';
import type { PeerMethodHandler, PeerStreamCall } from '../ports/peer-handlers.port.js';
import type { PeerId } from '../ports/types.js';
import {
  type FinishedCall,
  type PeerSession,
  STREAM_SERVER_LIMITS,
  servePeerStream,
} from './stream-server.js';

const PEER = '16Uiu2HAmPeer' as PeerId;
const MAX_REQUEST_BYTES = 1_000;

const codec = {
  decode: (bytes: Uint8Array) => {
    if (bytes[0] === 0xff) throw new Error('secret parser detail');
    return Buffer.from(bytes).toString('utf8');
  },
  encode: (text: unknown) => Buffer.from(String(text), 'utf8'),
  maxRequestBytes: MAX_REQUEST_BYTES,
};

/** What a test's handlers do; those that wait do so until their call's signal aborts. */
class Script {
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
        expect(call.writableNeedDrain).toBe(true);
        const { promise, resolve } = Promise.withResolvers<void>();
        call.once('drain', resolve);
        await Promise.race([promise, aborted]).finally(() => call.off('drain', resolve));
      }
    }
  }
}

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function serve(
  stream: Duplex,
  script: Script,
  clock: ManualClock,
  signal = new AbortController().signal,
): PeerSession {
  return servePeerStream(stream, {
    peerId: PEER,
    services: ['v1.Test'],
    find: script.find,
    clock,
    log: new SilentLogger(),
    signal,
    onCallFinished: (call) => script.finished.push(call),
  });
}

const identity = (bytes: Buffer) => bytes;

describe('servePeerStream, with a grpc-js client', () => {
  async function connect() {
    const script = new Script();
    const clock = new ManualClock();
    const sessions: PeerSession[] = [];
    const server: Server = createServer((socket) => sessions.push(serve(socket, script, clock)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    cleanups.push(async () => {
      client.close();
      server.close();
      for (const session of sessions) session.destroy();
      await Promise.all(sessions.map(({ closed }) => closed));
      expect(clock.pendingTimers).toBe(0);
    });
    const unary = (
      method: string,
      request: string | Buffer,
      options: grpc.CallOptions = {},
      path = `/v1.Test/${method}`,
    ) =>
      new Promise<{ code: number; details: string; reply?: string }>((resolve) => {
        const call = client.makeUnaryRequest(
          path,
          identity,
          identity,
          Buffer.from(request),
          options,
          (error, reply) => {
            if (error) resolve({ code: error.code, details: error.details });
            else resolve({ code: 0, details: '', reply: String(reply) });
          },
        );
        cleanups.push(() => call.cancel());
      });
    const stream = (method: string, request: string, options: grpc.CallOptions = {}) =>
      client.makeServerStreamRequest(`/v1.Test/${method}`, identity, identity, Buffer.from(request), options);
    return { script, clock, sessions, client, unary, stream };
  }

  async function collect(call: grpc.ClientReadableStream<Buffer>) {
    const messages: string[] = [];
    call.on('data', (bytes: Buffer) => messages.push(bytes.toString()));
    const error = await new Promise<grpc.ServiceError | undefined>((resolve) => {
      call.on('error', resolve);
      call.on('end', () => resolve(undefined));
    });
    return { messages, code: error?.code ?? 0, details: error?.details ?? '' };
  }

  it('answers unary calls, many over one session, each knowing the peer', async () => {
    const { unary, sessions, script } = await connect();
    const replies = await Promise.all(['a', '', 'ü'].map((text) => unary('Echo', text)));
    expect(replies.map(({ reply }) => reply)).toEqual(['a', '', 'ü'].map((text) => `${text} from ${PEER}`));
    expect(sessions).toHaveLength(1);
    expect(sessions[0]?.activeCalls).toBe(0);
    expect(script.finished).toHaveLength(3);
    expect(script.finished[0]).toMatchObject({ path: '/v1.Test/Echo', status: 0 });
  });

  it.each([
    ['a GrpcStatusError, with its text', 'Refuse', GrpcStatus.NOT_FOUND, 'höhe 7 % nicht da ✗'],
    ['a plain object by code and details', 'RefusePlain', GrpcStatus.NOT_FOUND, 'plain object'],
    ['anything else as INTERNAL without its text', 'Break', GrpcStatus.INTERNAL, 'internal error'],
    ['a code that does not exist as INTERNAL', 'Odd', GrpcStatus.INTERNAL, 'internal error'],
    ['an unknown method', 'Nothing', GrpcStatus.UNIMPLEMENTED, 'unknown method Nothing for service v1.Test'],
  ])('answers %s', async (_, method, code, details) => {
    const { unary } = await connect();
    expect(await unary(method, 'x')).toEqual({ code, details });
  });

  it('answers an unknown service without asking for it', async () => {
    const { unary } = await connect();
    expect(await unary('Echo', 'x', {}, '/v1.System/Echo')).toEqual({
      code: GrpcStatus.UNIMPLEMENTED,
      details: 'unknown service v1.System',
    });
    expect(await unary('Echo', 'x', {}, '/nothing')).toMatchObject({ code: GrpcStatus.UNIMPLEMENTED });
  });

  it('refuses a request over the limit of its method, and one that does not decode', async () => {
    const { unary } = await connect();
    expect(await unary('Echo', 'x'.repeat(MAX_REQUEST_BYTES + 1))).toEqual({
      code: GrpcStatus.RESOURCE_EXHAUSTED,
      details: 'grpc: received message larger than max (1001 vs. 1000)',
    });
    expect(await unary('Echo', 'x'.repeat(MAX_REQUEST_BYTES))).toMatchObject({ code: 0 });
    expect(await unary('Echo', Buffer.from([0xff]))).toEqual({
      code: GrpcStatus.INVALID_ARGUMENT,
      details: 'undecodable request',
    });
  });

  it('streams messages in order and ends with the status of the handler', async () => {
    const { stream } = await connect();
    const expected = Array.from({ length: 5_000 }, (_, i) => String(i));
    expect(await collect(stream('Count', '5000'))).toEqual({ messages: expected, code: 0, details: '' });
    expect(await collect(stream('CountThenFail', '3'))).toEqual({
      messages: ['0', '1', '2'],
      code: GrpcStatus.DATA_LOSS,
      details: 'no more',
    });
    expect(await collect(stream('Count', '0'))).toEqual({ messages: [], code: 0, details: '' });
    expect(await collect(stream('CountThenFail', '0'))).toMatchObject({
      messages: [],
      code: GrpcStatus.DATA_LOSS,
    });
  });

  it('answers DEADLINE_EXCEEDED and aborts the handler when the time of the client is over', async () => {
    const { unary, stream, clock, script, sessions } = await connect();
    // The client's own clock is far behind the server's, which the test moves.
    const deadline = Date.now() + 100_000;
    const reply = unary('Wait', 'x', { deadline });
    const replies = collect(stream('Mute', 'x', { deadline }));
    await eventually(() => sessions[0]?.activeCalls === 2);
    await clock.advanceAsync(100_000);
    expect(await reply).toEqual({ code: GrpcStatus.DEADLINE_EXCEEDED, details: 'context deadline exceeded' });
    expect(await replies).toMatchObject({ code: GrpcStatus.DEADLINE_EXCEEDED });
    expect(script.aborted).toHaveLength(2);
  });

  it('answers DEADLINE_EXCEEDED of its own when a unary handler takes too long', async () => {
    const { unary, clock, sessions } = await connect();
    const reply = unary('Wait', 'x');
    await eventually(() => sessions[0]?.activeCalls === 1);
    await clock.advanceAsync(STREAM_SERVER_LIMITS.unaryTimeoutMs);
    expect(await reply).toMatchObject({ code: GrpcStatus.DEADLINE_EXCEEDED });
  });

  it('aborts the handler when the client cancels', async () => {
    const { stream, script, sessions } = await connect();
    const call = stream('Endless', 'x');
    const done = collect(call);
    await once(call, 'data');
    call.cancel();
    expect(await done).toMatchObject({ code: GrpcStatus.CANCELLED });
    await eventually(() => sessions[0]?.activeCalls === 0);
    expect(script.aborted.length).toBeGreaterThan(0);
    expect(script.finished).toMatchObject([{ path: '/v1.Test/Endless', status: GrpcStatus.CANCELLED }]);
  });

  it('lets calls under way finish when it is closed, and takes no more', async () => {
    const { unary, script, sessions } = await connect();
    const reply = unary('Gate', 'x');
    await eventually(() => sessions[0]?.activeCalls === 1);
    const closed = sessions[0]?.close();
    script.open();
    expect(await reply).toEqual({ code: 0, details: '', reply: 'open' });
    await closed;
    expect(await unary('Echo', 'x')).toMatchObject({ code: 0 });
    expect(sessions).toHaveLength(2);
  });

  it('cuts calls off that outlast a close', async () => {
    const { unary, sessions, clock, script } = await connect();
    const reply = unary('Wait', 'x');
    await eventually(() => sessions[0]?.activeCalls === 1);
    const closed = sessions[0]?.close();
    await clock.advanceAsync(STREAM_SERVER_LIMITS.closeTimeoutMs);
    await closed;
    expect((await reply).code).not.toBe(0);
    expect(script.aborted).toHaveLength(1);
  });
});

/** A client that writes what it likes. */
function rawClient({ highWaterMark = 1_048_576 } = {}) {
  const script = new Script();
  const clock = new ManualClock();
  const abort = new AbortController();
  const [near, far] = duplexPair({ highWaterMark });
  const session = serve(far, script, clock, abort.signal);
  const received: Buffer[] = [];
  near.on('data', (chunk: Buffer) => received.push(chunk));
  near.on('error', () => {});
  cleanups.push(async () => {
    session.destroy();
    await session.closed;
    near.destroy();
    expect(far.destroyed).toBe(true);
    await eventually(() => session.activeCalls === 0);
    expect(clock.pendingTimers).toBe(0);
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

describe('servePeerStream, with a client that is no good', () => {
  it.each([
    { name: 'a compressed message', body: message(Buffer.from('x'), 1), status: 13 },
    { name: 'an unknown flag', body: message(Buffer.from('x'), 7), status: 13 },
    { name: 'no message', body: Buffer.alloc(0), status: 12 },
    {
      name: 'two messages',
      body: Buffer.concat([message(Buffer.from('x')), message(Buffer.from('y'))]),
      status: 12,
    },
    { name: 'half a message', body: message(Buffer.from('xyz')).subarray(0, 6), status: 12 },
    { name: 'a message over the limit', body: message(Buffer.alloc(2_000)), status: 8 },
  ])('refuses $name with status $status', async ({ body, status }) => {
    const { near, request, script } = rawClient();
    near.write(Buffer.concat([OPENING, request(1, 'Echo', body)]));
    await eventually(() => script.finished.length === 1);
    expect(script.finished[0]).toMatchObject({ status });
  });

  it('tells a client that it need not send the rest', async () => {
    const { near, reply, session } = rawClient();
    near.write(
      Buffer.concat([
        OPENING,
        frame('headers', 1, requestBlock('/v1.Test/Echo'), Flags.END_HEADERS),
        frame('data', 1, message(Buffer.alloc(60_000)).subarray(0, 100)),
      ]),
    );
    expect((await reply(1, 'reset')).payload.readUInt32BE(0)).toBe(0);
    expect(session.activeCalls).toBe(0);
  });

  it.each([
    { name: 'GET', block: Buffer.concat([Buffer.from([0x82, 0x86, 0x84, 0x81])]), status: 13 },
    {
      name: 'another content type',
      block: Buffer.concat([
        Buffer.from([0x83, 0x86, 0x84, 0x81]),
        field('content-type', 'application/grpcx'),
      ]),
      status: 3,
    },
    {
      name: 'a compressed encoding',
      block: Buffer.concat([requestBlock('/v1.Test/Echo'), field('grpc-encoding', 'gzip')]),
      status: 12,
    },
    {
      name: 'a malformed timeout',
      block: Buffer.concat([requestBlock('/v1.Test/Echo'), field('grpc-timeout', '10 s')]),
      status: 13,
    },
  ])('refuses $name with status $status', async ({ block, status }) => {
    const { near, script, reply } = rawClient();
    near.write(Buffer.concat([OPENING, frame('headers', 1, block, Flags.END_HEADERS)]));
    await reply(1, 'headers');
    await eventually(() => script.finished.length === 1);
    expect(script.finished[0]).toMatchObject({ status });
  });

  it('lets te be missing and a subtype be there, as the reference does', async () => {
    const { near, script } = rawClient();
    const block = Buffer.concat([
      Buffer.from([0x83, 0x86, 0x81]),
      field(':path', '/v1.Test/Echo'),
      field('content-type', 'application/grpc+proto'),
    ]);
    near.write(
      Buffer.concat([
        OPENING,
        frame('headers', 1, block, Flags.END_HEADERS),
        frame('data', 1, message(Buffer.from('x')), Flags.END_STREAM),
      ]),
    );
    await eventually(() => script.finished.length === 1);
    expect(script.finished[0]).toMatchObject({ status: 0 });
  });

  it.each([
    { name: 'no byte at all', bytes: Buffer.alloc(0) },
    { name: 'half a preface', bytes: PREFACE.subarray(0, 10) },
    { name: 'a preface without SETTINGS', bytes: PREFACE },
  ])('ends a session that sent $name in time', async ({ bytes }) => {
    const { near, clock, session } = rawClient();
    if (bytes.length > 0) near.write(bytes);
    await clock.advanceAsync(STREAM_SERVER_LIMITS.prefaceTimeoutMs - 1);
    expect(near.destroyed || near.readableEnded).toBe(false);
    await clock.advanceAsync(1);
    await session.closed;
  });

  it('ends a session that made no call in a while, and keeps one that did', async () => {
    const mute = rawClient();
    const good = rawClient();
    mute.near.write(OPENING);
    good.near.write(Buffer.concat([OPENING, good.request(1, 'Echo')]));
    await eventually(() => good.script.finished.length === 1);
    await mute.clock.advanceAsync(STREAM_SERVER_LIMITS.firstCallTimeoutMs);
    await mute.session.closed;
    await good.clock.advanceAsync(24 * 3_600_000);
    good.near.write(good.request(3, 'Echo'));
    await eventually(() => good.script.finished.length === 2);
  });

  it('ends a session at garbage instead of a preface', async () => {
    const { near, session } = rawClient();
    near.write(Buffer.from('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n'));
    await session.closed;
  });

  it('gives up a request that does not come', async () => {
    const { near, clock, script, reply, session } = rawClient();
    const block = requestBlock('/v1.Test/Echo');
    const half = frame('data', 1, message(Buffer.from('abc')), Flags.END_STREAM).subarray(0, 11);
    near.write(Buffer.concat([OPENING, frame('headers', 1, block, Flags.END_HEADERS), half]));
    await eventually(() => session.activeCalls === 1);
    await clock.advanceAsync(STREAM_SERVER_LIMITS.requestTimeoutMs);
    await reply(1, 'headers');
    await eventually(() => script.finished.length === 1);
    expect(script.finished).toMatchObject([{ status: GrpcStatus.DEADLINE_EXCEEDED }]);
  });

  it('ends a session whose header block never ends', async () => {
    const { near, clock, session, request, script } = rawClient();
    near.write(
      Buffer.concat([OPENING, request(1, 'Echo'), frame('headers', 3, requestBlock('/v1.Test/Echo'))]),
    );
    await eventually(() => script.finished.length === 1);
    await clock.advanceAsync(2 * STREAM_SERVER_LIMITS.prefaceTimeoutMs);
    await session.closed;
  });

  it.each([
    { name: 'PING', one: frame('ping', 0, Buffer.alloc(8)) },
    { name: 'SETTINGS', one: frame('settings', 0) },
    { name: 'PRIORITY', one: frame('priority', 1, Buffer.from([0, 0, 0, 3, 0])) },
    { name: 'WINDOW_UPDATE', one: frame('windowUpdate', 0, Buffer.from([0, 0, 0, 1])) },
  ])('ends a session that floods with $name', async ({ one }) => {
    const { near, session } = rawClient();
    near.write(OPENING);
    const flood = Buffer.concat(Array.from({ length: 5_000 }, () => one));
    for (let i = 0; i < 12 && !near.destroyed; i += 1) near.write(flood);
    await session.closed;
  });

  it('ends a session that opens and resets calls without end, and counts each of them out', async () => {
    const { near, session, script } = rawClient();
    near.write(OPENING);
    for (let i = 0; i < 30_000 && !near.destroyed; i += 500) {
      const burst: Buffer[] = [];
      for (let stream = 2 * i + 1; stream < 2 * i + 1_000; stream += 2) {
        burst.push(frame('headers', stream, requestBlock('/v1.Test/Wait'), Flags.END_HEADERS));
        burst.push(frame('reset', stream, Buffer.from([0, 0, 0, 8])));
      }
      near.write(Buffer.concat(burst));
    }
    await session.closed;
    await eventually(() => session.activeCalls === 0);
    expect(script.finished.every(({ status }) => status === GrpcStatus.CANCELLED)).toBe(true);
  });

  it('refuses calls over its limit at once, and serves the others', async () => {
    const { near, reply, session, request } = rawClient();
    const limit = STREAM_SERVER_LIMITS.maxConcurrentCalls;
    const calls = Array.from({ length: limit + 1 }, (_, i) => request(2 * i + 1, 'Wait'));
    near.write(Buffer.concat([OPENING, ...calls]));
    expect((await reply(2 * limit + 1, 'reset')).payload.readUInt32BE(0)).toBe(7);
    expect(session.activeCalls).toBe(limit);
  });

  it('takes a request in one-byte DATA frames', async () => {
    const { near, request, script } = rawClient();
    const body = message(Buffer.from('x'.repeat(900)));
    const whole = request(1, 'Echo', body);
    const headers = whole.subarray(0, whole.length - body.length - 9);
    const bytes = cut(body, [1]).map((byte, i) =>
      frame('data', 1, byte, i === body.length - 1 ? Flags.END_STREAM : 0),
    );
    near.write(Buffer.concat([OPENING, headers, ...bytes]));
    await eventually(() => script.finished.length === 1);
    expect(script.finished).toMatchObject([{ status: 0 }]);
  });

  it('refuses header bombs', async () => {
    const { near, session, reply } = rawClient();
    const many = Array.from({ length: 200 }, (_, i) => field(`x-${i}`, 'y'));
    const block = Buffer.concat([requestBlock('/v1.Test/Echo'), ...many]);
    near.write(Buffer.concat([OPENING, frame('headers', 1, block, Flags.END_HEADERS)]));
    expect((await reply(1, 'reset')).payload.readUInt32BE(0)).toBe(11);
    const huge = [frame('headers', 3, Buffer.alloc(16_384))];
    for (let i = 0; i < 5; i += 1) huge.push(frame('continuation', 3, Buffer.alloc(16_384)));
    near.write(Buffer.concat(huge));
    await session.closed;
  });

  it('holds an endless stream back for a client that does not read, and gives it up in time', async () => {
    const { near, reply, request, script, clock, session } = rawClient({ highWaterMark: 16_384 });
    near.write(Buffer.concat([OPENING, request(1, 'Endless')]));
    await reply(1, 'data');
    await eventually(() => session.activeCalls === 1 && script.writtenBytes > 200_000);
    // 65,535 bytes are the client's window; the rest waits here.
    expect(script.writtenBytes).toBeLessThan(65_535 + 262_144 + 3 * 65_536);
    const heldAt = script.writtenBytes;
    near.write(frame('ping', 0, Buffer.alloc(8)));
    await reply(0, 'ping');
    expect(script.writtenBytes).toBe(heldAt);
    near.write(Buffer.concat([windowUpdate(0, 400_000), windowUpdate(1, 400_000)]));
    await eventually(() => script.writtenBytes > heldAt);
    await clock.advanceAsync(2 * STREAM_SERVER_LIMITS.stallTimeoutMs);
    expect((await reply(1, 'reset')).payload.readUInt32BE(0)).toBe(11);
    await eventually(() => session.activeCalls === 0);
  });

  it('gives up a reply that the client leaves no window for', async () => {
    const { near, reply, request, clock, frames } = rawClient();
    const noWindow = frame('settings', 0, Buffer.from([0, 4, 0, 0, 0, 0]));
    near.write(Buffer.concat([PREFACE, noWindow, request(1, 'Echo'), request(3, 'Refuse')]));
    await reply(3, 'headers');
    await clock.advanceAsync(STREAM_SERVER_LIMITS.stallTimeoutMs);
    await reply(1, 'reset');
    expect(frames().some(({ type }) => type === 'data')).toBe(false);
  });

  it('lets go of a stream that takes no byte, also after the session has failed', async () => {
    const { near, far, clock, session } = rawClient();
    // The other side stops taking bytes: the goodbye cannot leave.
    far.write = (() => false) as typeof far.write;
    near.write(Buffer.concat([OPENING, frame('data', 0, Buffer.alloc(1))]));
    await clock.advanceAsync(2 * STREAM_SERVER_LIMITS.prefaceTimeoutMs);
    await session.closed;
  });

  it('ends with its signal, and at once when that has aborted', async () => {
    const { near, abort, session, request, script } = rawClient();
    near.write(Buffer.concat([OPENING, request(1, 'Wait')]));
    await eventually(() => session.activeCalls === 1);
    abort.abort();
    await session.closed;
    expect(script.aborted).toHaveLength(1);
    const [, far] = duplexPair();
    await serve(far, script, new ManualClock(), abort.signal).closed;
  });

  it('ends at once on a stream that is gone already', async () => {
    const [, far] = duplexPair();
    far.destroy();
    const session = serve(far, new Script(), new ManualClock());
    await session.closed;
    session.destroy();
    await session.close();
  });

  it('ends when the client half-closes', async () => {
    const { near, session } = rawClient();
    near.end(OPENING);
    await session.closed;
  });

  it('survives the loss of the stream after any byte', async () => {
    const { request } = rawClient();
    const exchange = Buffer.concat([OPENING, request(1, 'Echo'), request(3, 'Count'), request(5, 'Endless')]);
    for (let at = 0; at <= exchange.length; at += 1) {
      for (const side of ['near', 'far'] as const) {
        const client = rawClient();
        client.near.write(exchange.subarray(0, at));
        if (at % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
        client[side].destroy(at % 2 === 0 ? new Error('connection reset') : undefined);
        if (side === 'near') client.far.destroy();
        await client.session.closed;
      }
    }
  });
});

function windowUpdate(stream: number, bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return frame('windowUpdate', stream, payload);
}
