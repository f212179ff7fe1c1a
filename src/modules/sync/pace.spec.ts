import { describe, expect, it } from '@jest/globals';
import { Pace } from './pace.js';

const limits = { blockTimeoutMs: 10_000, slowPeerBlocks: 10 };
const blocks = (count: number, length = 100) => Array.from({ length: count }, () => new Uint8Array(length));

describe(Pace.name, () => {
  it('finds a peer that stays just inside the deadline of each block', () => {
    const pace = new Pace(limits);
    expect(pace.measure(blocks(1), 9_000)).toBeUndefined();
    expect(pace.measure(blocks(1), 9_000)).toEqual({ blocks: 2, waitedMs: 18_000 });
  });

  it('is content with enough blocks', () => {
    const pace = new Pace(limits);
    expect(pace.measure(blocks(9), 9_000)).toBeUndefined();
    expect(pace.measure(blocks(1), 9_000)).toBeUndefined();
  });

  it('is content with few but large blocks', () => {
    const pace = new Pace(limits);
    expect(pace.measure(blocks(1, 9 * 65_536 + 1), 10_000)).toBeUndefined();
    expect(pace.measure(blocks(1, 9 * 65_536), 10_000)).toEqual({ blocks: 1, waitedMs: 10_000 });
  });

  it('does not let a good start pay for later', () => {
    const pace = new Pace(limits);
    expect(pace.measure(blocks(1_000), 10_000)).toBeUndefined();
    expect(pace.measure(blocks(1), 10_000)).toEqual({ blocks: 1, waitedMs: 10_000 });
  });

  it('never complains when switched off', () => {
    expect(new Pace({ ...limits, slowPeerBlocks: 0 }).measure(blocks(0), 1e9)).toBeUndefined();
  });
});
