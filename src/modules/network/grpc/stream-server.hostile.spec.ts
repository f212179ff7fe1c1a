import { duplexPair } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Cleanups } from '../../../../test/support/cleanups.js';
import { eventually } from '../../../../test/support/eventually.js';
import { Flags, field, frame, OPENING, PREFACE, requestBlock } from '../../../../test/support/http2-bytes.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { rawClient, Script, serve } from '../../../../test/support/served-stream.js';
import { GrpcStatus } from '../../../common/grpc-status.js';
import { STREAM_SERVER_LIMITS } from './stream-server.js';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

describe('servePeerStream, with a client that is no good', () => {
  it.each([
    { name: 'no byte at all', bytes: Buffer.alloc(0) },
    { name: 'half a preface', bytes: PREFACE.subarray(0, 10) },
    { name: 'a preface without SETTINGS', bytes: PREFACE },
  ])('ends a session that sent $name in time', async ({ bytes }) => {
    const { near, clock, session } = rawClient(cleanups);
    if (bytes.length > 0) near.write(bytes);
    await clock.advanceAsync(STREAM_SERVER_LIMITS.prefaceTimeoutMs - 1);
    expect(near.destroyed || near.readableEnded).toBe(false);
    await clock.advanceAsync(1);
    await session.closed;
  });

  it('ends a session that made no call in a while, and keeps one that did', async () => {
    const mute = rawClient(cleanups);
    const good = rawClient(cleanups);
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
    const { near, session } = rawClient(cleanups);
    near.write(Buffer.from('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n'));
    await session.closed;
  });

  it('ends a session whose header block never ends', async () => {
    const { near, clock, session, request, script } = rawClient(cleanups);
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
    const { near, session } = rawClient(cleanups);
    near.write(OPENING);
    const flood = Buffer.concat(Array.from({ length: 5_000 }, () => one));
    for (let i = 0; i < 12 && !near.destroyed; i += 1) near.write(flood);
    await session.closed;
  });

  it('ends a session that opens and resets calls without end, and counts each of them out', async () => {
    const { near, session, script } = rawClient(cleanups);
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

  it('refuses header bombs', async () => {
    const { near, session, reply } = rawClient(cleanups);
    const many = Array.from({ length: 200 }, (_, i) => field(`x-${i}`, 'y'));
    const block = Buffer.concat([requestBlock('/v1.Test/Echo'), ...many]);
    near.write(Buffer.concat([OPENING, frame('headers', 1, block, Flags.END_HEADERS)]));
    expect((await reply(1, 'reset')).payload.readUInt32BE(0)).toBe(11);
    const huge = [frame('headers', 3, Buffer.alloc(16_384))];
    for (let i = 0; i < 5; i += 1) huge.push(frame('continuation', 3, Buffer.alloc(16_384)));
    near.write(Buffer.concat(huge));
    await session.closed;
  });

  it('lets go of a stream that takes no byte, also after the session has failed', async () => {
    const { near, far, clock, session } = rawClient(cleanups);
    // The other side stops taking bytes: the goodbye cannot leave.
    far.write = (() => false) as typeof far.write;
    near.write(Buffer.concat([OPENING, frame('data', 0, Buffer.alloc(1))]));
    await clock.advanceAsync(2 * STREAM_SERVER_LIMITS.prefaceTimeoutMs);
    await session.closed;
  });

  it('ends with its signal, and at once when that has aborted', async () => {
    const { near, abort, session, request, script } = rawClient(cleanups);
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
    const { near, session } = rawClient(cleanups);
    near.end(OPENING);
    await session.closed;
  });

  it('survives the loss of the stream after any byte', async () => {
    const { request } = rawClient(cleanups);
    const exchange = Buffer.concat([OPENING, request(1, 'Echo'), request(3, 'Count'), request(5, 'Endless')]);
    for (let at = 0; at <= exchange.length; at += 1) {
      for (const side of ['near', 'far'] as const) {
        const client = rawClient(cleanups);
        client.near.write(exchange.subarray(0, at));
        if (at % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
        client[side].destroy(at % 2 === 0 ? new Error('connection reset') : undefined);
        if (side === 'near') client.far.destroy();
        await client.session.closed;
      }
    }
  });
});
