import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import * as grpc from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Cleanups } from '../../../../test/support/cleanups.js';
import { eventually } from '../../../../test/support/eventually.js';
import {
  clientOver,
  codeOf,
  collect,
  failure,
  PEER,
  TIMEOUT_MS,
} from '../../../../test/support/rpc-client-rig.js';
import { GrpcStatus } from '../../../common/grpc-status.js';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

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
    cleanups.add(() => server.forceShutdown());
    const open = async () => {
      const socket = connectTcp(port, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    };
    return { ...clientOver(cleanups, open), seen, arrived, cancelled };
  }

  it('calls, and says who calls and how long it waits', async () => {
    const { call, seen } = await connect();
    expect(await call('Echo', 'grüße')).toBe('grüße');
    expect(await call('Echo', '')).toBe('');
    expect(seen[0]).toMatchObject({ userAgent: 'edgekeeper/0.0.0-test', host: 'peer:80' });
    expect(Number(seen[0]?.deadline) - performance.timeOrigin - performance.now()).toBeLessThanOrEqual(
      TIMEOUT_MS,
    );
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
