import { type Duplex, duplexPair } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Cleanups } from '../../../../test/support/cleanups.js';
import { eventually } from '../../../../test/support/eventually.js';
import { frame, message } from '../../../../test/support/http2-bytes.js';
import {
  clientOver,
  codeOf,
  collect,
  data,
  failure,
  PEER,
  rawServer,
  responseHeaders,
  SETTINGS,
  TIMEOUT_MS,
  trailers,
} from '../../../../test/support/rpc-client-rig.js';
import { NetworkError } from '../network.errors.js';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

describe('PeerRpcClient, with a server that is no good', () => {
  it('fails when the stream ends before the reply does, and gives what came before', async () => {
    const { stream } = rawServer(cleanups, Buffer.concat([SETTINGS, responseHeaders(), data('a', 'b')]), {
      end: true,
    });
    const { messages, error } = await collect(stream('Count'));
    expect(messages).toEqual(['a', 'b']);
    expect(codeOf(error)).toBe('NETWORK.STREAM_FAILED');
  });

  it('gives nothing more of what was received once the caller has given up', async () => {
    const { stream } = rawServer(
      cleanups,
      Buffer.concat([SETTINGS, responseHeaders(), data('a', 'b'), trailers('0')]),
    );
    const abort = new AbortController();
    const messages = stream('Count', 'x', { signal: abort.signal });
    expect(await messages.next()).toEqual({ value: 'a', done: false });
    abort.abort();
    expect((await failure(messages.next())).code).toBe('NETWORK.CANCELLED');
  });

  it('fails a call that would cost more memory than its peer may', async () => {
    const { call, refused } = rawServer(
      cleanups,
      Buffer.concat([
        SETTINGS,
        responseHeaders(),
        ...Array.from({ length: 8 }, () =>
          frame('data', 1, message(Buffer.alloc(1_000_000)).subarray(0, 16_000)),
        ),
      ]),
      { limits: { memoryBytesPerPeer: 65_536 } },
    );
    expect(await failure(call('Echo', 'x', { maxResponseBytes: 2_000_000 }))).toEqual({
      code: 'NETWORK.LIMIT_REACHED',
      peerId: PEER,
      resource: 'memory',
      scope: 'peer',
      limit: 65_536,
    });
    expect(refused).toContain('NETWORK.LIMIT_REACHED');
  });

  it('does not let a drip of bytes stand for a message', async () => {
    const { stream, clock, peer, hasRequest } = rawServer(
      cleanups,
      Buffer.concat([SETTINGS, responseHeaders()]),
    );
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
    const { stream, peer, hasRequest } = rawServer(cleanups, Buffer.concat([SETTINGS, responseHeaders()]), {
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
    const { stream, peer, hasRequest } = rawServer(cleanups, Buffer.concat([SETTINGS, responseHeaders()]), {
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
    const { call, stream, streams } = rawServer(cleanups, Buffer.alloc(0));
    expect(await failure(call('Echo', 'x', { signal: aborted }))).toEqual({ code: 'NETWORK.CANCELLED' });
    expect(codeOf((await collect(stream('Count', 'x', { signal: aborted }))).error)).toBe(
      'NETWORK.CANCELLED',
    );
    expect(streams).toHaveLength(0);

    let give: (stream: Duplex) => void = () => {};
    const late = clientOver(cleanups, () => new Promise((resolve) => (give = resolve)));
    const timedOut = failure(late.call('Echo'));
    await late.clock.advanceAsync(TIMEOUT_MS);
    expect(await timedOut).toMatchObject({ code: 'NETWORK.RPC_TIMEOUT' });
    give(duplexPair()[0]);
  });

  it('passes on why a stream cannot be opened', async () => {
    const reason = new NetworkError({ code: 'NETWORK.NOT_CONNECTED', peerId: PEER });
    const { call, stream } = clientOver(cleanups, () => Promise.reject(reason));
    expect(await failure(call('Echo'))).toBe(reason.detail);
    expect((await collect(stream('Count'))).error).toBe(reason);
  });

  it('fails on a stream that is gone already', async () => {
    const { call } = clientOver(cleanups, () => {
      const [near] = duplexPair();
      near.destroy();
      return near;
    });
    expect(await failure(call('Echo'))).toMatchObject({ code: 'NETWORK.STREAM_FAILED' });
  });

  it('cuts a stream off whose other end takes no goodbye', async () => {
    const { call, clock, streams } = clientOver(cleanups, () => {
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
      const { stream, peer, hasRequest, streams } = rawServer(cleanups, exchange.subarray(0, at));
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
