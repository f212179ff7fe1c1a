import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import * as grpc from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Cleanups } from '../../../../test/support/cleanups.js';
import { eventually } from '../../../../test/support/eventually.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { MAX_REQUEST_BYTES, PEER, Script, serve } from '../../../../test/support/served-stream.js';
import { GrpcStatus } from '../../../common/grpc-status.js';
import { type PeerSession, STREAM_SERVER_LIMITS } from './stream-server.js';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

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
    cleanups.add(async () => {
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
        cleanups.add(() => call.cancel());
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
    const deadline = performance.timeOrigin + performance.now() + 100_000;
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
