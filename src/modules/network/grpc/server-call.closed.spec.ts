import { EventEmitter } from 'node:events';
import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { describe, expect, it } from '@jest/globals';
import { message } from '../../../../test/support/http2-bytes.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { MAX_REQUEST_BYTES, PEER } from '../../../../test/support/served-stream.js';
import { GrpcStatus } from '../../../common/grpc-status.js';
import { SilentLogger } from '../../../common/logger.port.js';
import { ServerCall } from './server-call.js';
import { ServerStreamCall } from './server-stream-call.js';
import { STREAM_SERVER_LIMITS } from './stream-server.js';

/** An HTTP/2 stream whose state the test sets, such as closed before it says so. */
class FakeStream extends EventEmitter {
  destroyed = false;
  closed = false;
  headersSent = false;
  readableEnded = false;
  writableEnded = false;
  readonly sent: unknown[] = [];

  resume(): this {
    return this;
  }

  respond(headers: OutgoingHttpHeaders): void {
    this.headersSent = true;
    this.sent.push(headers);
  }

  /** Of the last write. */
  onWritten: () => void = () => {};
  resetCode: number | undefined;

  write(_bytes: Uint8Array, done: () => void): void {
    this.onWritten = done;
  }

  close(code: number): void {
    this.resetCode = code;
  }

  end(bytes?: Uint8Array): void {
    this.sent.push(bytes);
  }

  sendTrailers(headers: OutgoingHttpHeaders): void {
    this.sent.push(headers);
  }

  asStream(): ServerHttp2Stream {
    return this as unknown as ServerHttp2Stream;
  }
}

const HEADERS = { ':method': 'POST', ':path': '/v1.Test/Echo', 'content-type': 'application/grpc' };
const REPLY_HEADERS = { ':status': 200, 'content-type': 'application/grpc' };
const gone: Partial<FakeStream>[] = [{ destroyed: true }, { closed: true }];

function serveOn(stream: FakeStream, onHandle: () => void = () => {}) {
  const clock = new ManualClock();
  const call = new ServerCall(stream.asStream(), {
    peerId: PEER,
    services: ['v1.Test'],
    find: () => ({
      kind: 'unary',
      maxRequestBytes: MAX_REQUEST_BYTES,
      decode: (bytes) => bytes,
      encode: () => Buffer.from('yes'),
      handle: async () => onHandle(),
    }),
    limits: STREAM_SERVER_LIMITS,
    clock,
    log: new SilentLogger(),
  });
  return { call, clock };
}

/** Until all that is due at once has run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

async function ask(stream: FakeStream, call: ServerCall, headers: Record<string, unknown> = HEADERS) {
  const done = call.run(headers as typeof HEADERS);
  stream.emit('data', message(Buffer.from('x')));
  stream.readableEnded = true;
  stream.emit('end');
  await settle();
  return done;
}

describe(ServerCall.name, () => {
  it.each(gone)('sends no reply on a stream that went while the handler ran: %p', async (state) => {
    const stream = new FakeStream();
    const { call, clock } = serveOn(stream, () => Object.assign(stream, state));
    const done = ask(stream, call);
    await settle();
    stream.emit('close');
    expect(await done).toBe(GrpcStatus.OK);
    expect(stream.sent).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each<{ state: Partial<FakeStream>; trailers: unknown[] }>([
    { state: {}, trailers: [{ 'grpc-status': GrpcStatus.OK }] },
    ...gone.map((state) => ({ state, trailers: [] })),
  ])(
    'sends the trailers that are wanted, if there still is a stream: $state',
    async ({ state, trailers }) => {
      const stream = new FakeStream();
      const { call, clock } = serveOn(stream);
      const done = ask(stream, call);
      await settle();
      Object.assign(stream, state);
      stream.emit('wantTrailers');
      stream.emit('close');
      expect(await done).toBe(GrpcStatus.OK);
      expect(stream.sent).toEqual([REPLY_HEADERS, message(Buffer.from('yes')), ...trailers]);
      expect(clock.pendingTimers).toBe(0);
    },
  );

  it('refuses a timeout that stands twice', async () => {
    const stream = new FakeStream();
    const { call } = serveOn(stream);
    const done = ask(stream, call, { ...HEADERS, 'grpc-timeout': ['1S', '2S'] });
    await settle();
    stream.emit('close');
    expect(await done).toBe(GrpcStatus.INTERNAL);
    expect(stream.sent).toMatchObject([{ 'grpc-status': GrpcStatus.INTERNAL }]);
  });
});

describe(ServerStreamCall.name, () => {
  it.each<{ name: string; state: Partial<FakeStream>; isAborted: boolean }>([
    { name: 'its time is over', state: {}, isAborted: true },
    { name: 'the stream is gone', state: { destroyed: true }, isAborted: false },
    { name: 'the stream is closed', state: { closed: true }, isAborted: false },
    { name: 'the stream is ended', state: { writableEnded: true }, isAborted: false },
  ])('drops what is written when $name, and lets nobody wait', ({ state, isAborted }) => {
    const stream = Object.assign(new FakeStream(), state);
    const signal = isAborted ? AbortSignal.abort() : new AbortController().signal;
    const encode = () => {
      throw new Error('not to be called');
    };
    const call = new ServerStreamCall(stream.asStream(), {}, encode, { peerId: PEER, signal });
    expect(call.write('x')).toBe(true);
    expect(call.writableNeedDrain).toBe(false);
    expect(call.pendingBytes).toBe(0);
    expect(stream.sent).toEqual([]);
  });

  it('tells when all has left, or can leave no more', async () => {
    const callOn = (stream: FakeStream) => {
      const { signal } = new AbortController();
      const call = new ServerStreamCall(stream.asStream(), {}, () => Buffer.from('x'), {
        peerId: PEER,
        signal,
      });
      const seen = { isSent: false };
      const ask = () =>
        void call.allSent().then(() => {
          seen.isSent = true;
        });
      return { call, seen, ask };
    };
    const sending = new FakeStream();
    const { call, seen, ask } = callOn(sending);
    ask();
    await settle();
    expect(seen.isSent).toBe(true);
    seen.isSent = false;
    call.write('x');
    call.flush();
    ask();
    await settle();
    expect(seen.isSent).toBe(false);
    sending.onWritten();
    await settle();
    expect(seen.isSent).toBe(true);
    const closing = new FakeStream();
    const other = callOn(closing);
    other.call.write('x');
    other.ask();
    closing.emit('close');
    await settle();
    expect(other.seen.isSent).toBe(true);
  });

  it('is ended by a reset that asks the peer to be calm', () => {
    const stream = new FakeStream();
    const { signal } = new AbortController();
    new ServerStreamCall(stream.asStream(), {}, () => Buffer.from('x'), { peerId: PEER, signal }).reset();
    expect(stream.resetCode).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  });
});
