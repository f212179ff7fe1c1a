import { setImmediate as settled } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { blockShares } from '../../../test/support/block-shares.js';
import { BlockShares } from './block-shares.js';

describe(`${BlockShares.name} under pressure`, () => {
  it('never lets more be in flight than it may, and serves who waits in turn', async () => {
    const { open, shares } = blockShares({ bytesInFlight: 200 });
    const streams = ['a', 'b', 'c', 'd'].map((name) => open(name).turn());
    const turns = () => streams.map((stream) => stream.turns);
    expect(turns()).toEqual([1, 1, 0, 0]);
    expect(shares.bytesInFlight).toBe(200);
    for (let n = 0; n < 40; n += 1) {
      for (const stream of streams) if (stream.turns > 0) stream.turn();
      await settled();
      expect(shares.bytesInFlight).toBeLessThanOrEqual(200);
    }
    expect(Math.max(...turns()) - Math.min(...turns())).toBeLessThanOrEqual(2);
  });

  it('serves one read that is larger than all it may have in flight', () => {
    const { open } = blockShares({ bytesInFlight: 50 });
    expect([open('a').turn(5_000).turns, open('b').turn().turns]).toEqual([1, 0]);
  });

  it('holds a peer that does not read to its share', async () => {
    const { open, clock, shares } = blockShares({ bytesInFlight: 400 });
    const honest = open('honest');
    const stalled = Array.from({ length: 4 }, () => open('stalled').turn());
    await clock.advanceAsync(1_000);
    expect(stalled.filter(({ turns }) => turns > 0)).toHaveLength(2);
    for (let n = 0; n < 10; n += 1) {
      honest.turn();
      await settled();
    }
    expect(honest.turns).toBe(10);
    expect(shares.bytesInFlight).toBe(300);
  });

  it('ends the stream that was served longest ago when its peer opens too many', () => {
    const { open, clock, refused } = blockShares({ streamsPerPeer: 2 });
    const left = open('a').turn();
    clock.advance(200);
    const read = open('a').turn();
    const added = open('a');
    expect([left, read, added].map(({ wasReset }) => wasReset)).toEqual([true, false, false]);
    expect(refused).toEqual(['displaced']);
    left.turn();
    expect(left.error).toMatchObject({ code: 8 });
    expect(open('b').wasReset).toBe(false);
  });

  it('refuses a stream that gives way while it waits', async () => {
    const { open } = blockShares({ streamsPerPeer: 2 });
    const [waiting, holding] = [open('a'), open('a').turn()];
    waiting.turn();
    open('a');
    await settled();
    expect(waiting).toMatchObject({ wasReset: true, turns: 0, error: { code: 8 } });
    expect(holding.wasReset).toBe(false);
  });

  it('ends the slowest stream when others wait for long, and only then', async () => {
    const { open, clock, refused } = blockShares({ bytesInFlight: 200 });
    const [slowest, slow] = [open('a').turn(), open('b')];
    clock.advance(1_000);
    slow.turn();
    await clock.advanceAsync(60_000);
    expect(slowest.wasReset).toBe(false);
    const waiting = open('c').turn();
    await clock.advanceAsync(1_000);
    expect([slowest.wasReset, slow.wasReset, waiting.turns]).toEqual([true, false, 1]);
    expect(refused).toEqual(['slowest']);
    await clock.advanceAsync(60_000);
    expect(slow.wasReset).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  it('refuses a stream that waited for too long', async () => {
    const { open, clock, refused } = blockShares({ bytesInFlight: 100 });
    const streams = Array.from({ length: 6 }, (_, n) => open(`${n}`).turn());
    for (let second = 1; second <= 36; second += 1) {
      await clock.advanceAsync(1_000);
      // None is slow enough to be ended, all together are.
      if (second % 9 === 0) for (const stream of streams) stream.turn();
    }
    expect(streams.map(({ turns }) => turns > 0)).toEqual([true, true, true, false, false, false]);
    expect(streams[5]?.error).toMatchObject({ code: 8 });
    expect(new Set(refused)).toEqual(new Set(['waited']));
  });

  it('stops waiting when the call is over', async () => {
    const { open, clock } = blockShares({ bytesInFlight: 100 });
    const holding = open('a').turn();
    const waiting = open('b').turn();
    const reason = new Error('the peer ended the call');
    waiting.abort.abort(reason);
    await settled();
    expect(waiting).toMatchObject({ turns: 0, error: reason });
    expect(clock.pendingTimers).toBe(0);
    holding.close();
  });
});
