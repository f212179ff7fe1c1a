import { describe, expect, it } from '@jest/globals';
import { Pace } from './pace.js';

const limits = { blockTimeoutMs: 10_000, slowPeerBlocks: 10 };

/** Blocks that came together after one wait. */
function measure(pace: Pace, count: number, waitedMs: number, blockBytes = 100) {
  const spells = Array.from({ length: count }, (_, i) =>
    pace.measure(blockBytes, i === count - 1 ? waitedMs : 0),
  );
  return spells.at(-1);
}

describe(Pace.name, () => {
  it('finds a peer that stays just inside the deadline of each block', () => {
    const pace = new Pace(limits);
    expect(measure(pace, 1, 9_000)).toBeUndefined();
    expect(measure(pace, 1, 9_000)).toEqual({ blocks: 2, waitedMs: 18_000 });
  });

  it('is content with enough blocks', () => {
    const pace = new Pace(limits);
    expect(measure(pace, 9, 9_000)).toBeUndefined();
    expect(measure(pace, 1, 9_000)).toBeUndefined();
  });

  it('is content with few but large blocks', () => {
    const pace = new Pace(limits);
    expect(pace.measure(9 * 65_536 + 1, 10_000)).toBeUndefined();
    expect(pace.measure(9 * 65_536, 10_000)).toEqual({ blocks: 1, waitedMs: 10_000 });
  });

  it('does not let a good start pay for later', () => {
    const pace = new Pace(limits);
    expect(measure(pace, 1_000, 10_000)).toBeUndefined();
    expect(measure(pace, 1, 10_000)).toEqual({ blocks: 1, waitedMs: 10_000 });
  });

  it('never complains when switched off', () => {
    expect(new Pace({ ...limits, slowPeerBlocks: 0 }).measure(100, 1e9)).toBeUndefined();
  });
});
