import { setImmediate as settled } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { blockShares } from '../../../test/support/block-shares.js';
import { BlockShares } from './block-shares.js';

describe(BlockShares.name, () => {
  it('lets everybody go on at once while there is room', () => {
    const { open, shares, clock } = blockShares();
    const streams = ['a', 'b', 'c'].map((name) => open(name).turn());
    for (let n = 0; n < 10; n += 1) for (const stream of streams) stream.turn();
    expect(streams.map(({ turns }) => turns)).toEqual([11, 11, 11]);
    expect(shares.bytesInFlight).toBe(300);
    expect(clock.pendingTimers).toBe(0);
  });

  it('counts what a read brought until it is handed over', () => {
    const { open, shares } = blockShares();
    const [first, second] = [open('a').turn(30), open('b').turn(0)];
    second.turn(70);
    expect(shares.bytesInFlight).toBe(100);
    first.close();
    first.close();
    expect(shares.bytesInFlight).toBe(70);
  });

  it('lets the streams of one peer take turns', async () => {
    const { open } = blockShares();
    const [first, second, third] = [open('a').turn(), open('a').turn(), open('a').turn()];
    await settled();
    expect([first, second, third].map(({ turns }) => turns)).toEqual([1, 0, 0]);
    first.turn();
    await settled();
    expect([first, second, third].map(({ turns }) => turns)).toEqual([1, 1, 0]);
    second.close();
    await settled();
    expect([first, second, third].map(({ turns }) => turns)).toEqual([1, 1, 1]);
  });

  it('passes the turn when the last batch has left, or its reader proves slow', async () => {
    const { open, clock } = blockShares();
    const [first, second] = [open('a').turn(), open('a').turn()];
    const { promise, resolve } = Promise.withResolvers<void>();
    first.sent = promise;
    first.turn();
    await settled();
    expect([first, second].map(({ turns }) => turns)).toEqual([1, 0]);
    resolve();
    await settled();
    expect([first, second].map(({ turns }) => turns)).toEqual([1, 1]);
    second.sent = new Promise(() => {});
    second.turn();
    await clock.advanceAsync(100);
    expect([first, second].map(({ turns }) => turns)).toEqual([2, 1]);
  });

  it('lets a peer’s next stream go on beside one that is not read', async () => {
    const { open, clock, shares } = blockShares();
    const [unread, read] = [open('a').turn(), open('a').turn()];
    await clock.advanceAsync(99);
    expect(read.turns).toBe(0);
    await clock.advanceAsync(1);
    expect(read.turns).toBe(1);
    for (let n = 0; n < 5; n += 1) read.turn();
    expect([unread.turns, read.turns]).toEqual([1, 6]);
    expect(shares.bytesInFlight).toBe(200);
  });

  it.each([1, 2, 4])('gives a peer with %i streams as much as one with a single stream', async (count) => {
    const { open } = blockShares();
    const greedy = Array.from({ length: count }, () => open('greedy'));
    const modest = open('modest');
    const streams = [...greedy, modest];
    for (const stream of streams) stream.turn();
    // What hands batches over is the processor: one at a time, in the order in which they were read.
    const queue = streams.filter(({ turns }) => turns > 0);
    for (let n = 0; n < 400; n += 1) {
      const before = streams.map(({ turns }) => turns);
      queue.shift()?.turn();
      await settled();
      queue.push(...streams.filter(({ turns }, at) => turns > (before[at] ?? 0)));
    }
    const ofGreedy = greedy.reduce((sum, { turns }) => sum + turns, 0);
    const ofModest = modest.turns;
    expect(ofGreedy / ofModest).toBeLessThan(1.1);
    expect(ofGreedy / ofModest).toBeGreaterThan(0.9);
  });

  it('loses no byte and no timer, whatever happens', async () => {
    const step = fc.record({
      do: fc.constantFrom('open', 'turn', 'close', 'abort', 'later'),
      which: fc.nat(9),
      bytes: fc.nat(150),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { open, shares, clock } = blockShares({ streamsPerPeer: 2, bytesInFlight: 300 });
        const streams: ReturnType<typeof open>[] = [];
        for (const { do: what, which, bytes } of steps) {
          const stream = streams[which % Math.max(1, streams.length)];
          if (what === 'open') streams.push(open('abc'[which % 3] ?? 'a'));
          else if (what === 'turn') stream?.turn(bytes);
          else if (what === 'close') stream?.close();
          else if (what === 'abort') stream?.abort.abort();
          else await clock.advanceAsync(bytes * 100);
          await settled();
          expect(shares.bytesInFlight).toBeGreaterThanOrEqual(0);
        }
        for (const stream of streams) stream.close();
        await settled();
        expect(shares.bytesInFlight).toBe(0);
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
