import { afterEach, describe, expect, it } from '@jest/globals';
import { Cleanups } from '../../../../test/support/cleanups.js';
import { eventually } from '../../../../test/support/eventually.js';
import {
  cut,
  Flags,
  field,
  frame,
  message,
  OPENING,
  PREFACE,
  requestBlock,
} from '../../../../test/support/http2-bytes.js';
import { rawClient } from '../../../../test/support/served-stream.js';
import { GrpcStatus } from '../../../common/grpc-status.js';
import { STREAM_SERVER_LIMITS } from './stream-server.js';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

describe('ServerCall, with a client that is no good', () => {
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
    const { near, request, script } = rawClient(cleanups);
    near.write(Buffer.concat([OPENING, request(1, 'Echo', body)]));
    await eventually(() => script.finished.length === 1);
    expect(script.finished[0]).toMatchObject({ status });
  });

  it('tells a client that it need not send the rest', async () => {
    const { near, reply, session } = rawClient(cleanups);
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
    const { near, script, reply } = rawClient(cleanups);
    near.write(Buffer.concat([OPENING, frame('headers', 1, block, Flags.END_HEADERS)]));
    await reply(1, 'headers');
    await eventually(() => script.finished.length === 1);
    expect(script.finished[0]).toMatchObject({ status });
  });

  it('lets te be missing and a subtype be there, as the reference does', async () => {
    const { near, script } = rawClient(cleanups);
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

  it('gives up a request that does not come', async () => {
    const { near, clock, script, reply, session } = rawClient(cleanups);
    const block = requestBlock('/v1.Test/Echo');
    const half = frame('data', 1, message(Buffer.from('abc')), Flags.END_STREAM).subarray(0, 11);
    near.write(Buffer.concat([OPENING, frame('headers', 1, block, Flags.END_HEADERS), half]));
    await eventually(() => session.activeCalls === 1);
    await clock.advanceAsync(STREAM_SERVER_LIMITS.requestTimeoutMs);
    await reply(1, 'headers');
    await eventually(() => script.finished.length === 1);
    expect(script.finished).toMatchObject([{ status: GrpcStatus.DEADLINE_EXCEEDED }]);
  });

  it('refuses calls over its limit at once, and serves the others', async () => {
    const { near, reply, session, request } = rawClient(cleanups);
    const limit = STREAM_SERVER_LIMITS.maxConcurrentCalls;
    const calls = Array.from({ length: limit + 1 }, (_, i) => request(2 * i + 1, 'Wait'));
    near.write(Buffer.concat([OPENING, ...calls]));
    expect((await reply(2 * limit + 1, 'reset')).payload.readUInt32BE(0)).toBe(7);
    expect(session.activeCalls).toBe(limit);
  });

  it('takes a request in one-byte DATA frames', async () => {
    const { near, request, script } = rawClient(cleanups);
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

  it('holds an endless stream back for a client that does not read, and gives it up in time', async () => {
    const { near, reply, request, script, clock, session } = rawClient(cleanups, { highWaterMark: 16_384 });
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

  it.each([
    { name: 'NO_ERROR', code: 0 },
    { name: 'CANCEL', code: 8 },
  ])(
    'leaves nothing behind of a stream that the client resets with $name behind its request',
    async ({ code }) => {
      const { near, request, script, clock, session } = rawClient(cleanups);
      near.write(OPENING);
      await eventually(() => clock.pendingTimers === 1);
      const reset = frame('reset', 1, Buffer.from([0, 0, 0, code]));
      near.write(Buffer.concat([request(1, 'Mute'), reset]));
      await eventually(() => script.finished.length === 1);
      expect(script.finished).toMatchObject([{ status: GrpcStatus.CANCELLED }]);
      expect(session.activeCalls).toBe(0);
      // The session's own.
      expect(clock.pendingTimers).toBe(1);
    },
  );

  it('gives up a reply that the client leaves no window for', async () => {
    const { near, reply, request, clock, frames } = rawClient(cleanups);
    const noWindow = frame('settings', 0, Buffer.from([0, 4, 0, 0, 0, 0]));
    near.write(Buffer.concat([PREFACE, noWindow, request(1, 'Echo'), request(3, 'Refuse')]));
    await reply(3, 'headers');
    await clock.advanceAsync(STREAM_SERVER_LIMITS.stallTimeoutMs);
    await reply(1, 'reset');
    expect(frames().some(({ type }) => type === 'data')).toBe(false);
  });
});

function windowUpdate(stream: number, bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return frame('windowUpdate', stream, payload);
}
