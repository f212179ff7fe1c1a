import { describe, expect, it } from '@jest/globals';
import { inBatches } from './in-batches.js';

const LIMITS = { maxBlocks: 3, maxBytes: 100 };

async function sizesOf(blockSizes: readonly number[], failure?: Error) {
  async function* blocks() {
    for (const size of blockSizes) yield new Uint8Array(size);
    if (failure) throw failure;
  }
  const sizes: number[][] = [];
  try {
    for await (const batch of inBatches(blocks(), LIMITS)) sizes.push(batch.map(({ length }) => length));
    return { sizes };
  } catch (error) {
    return { sizes, error };
  }
}

describe(inBatches.name, () => {
  it.each([
    { name: 'nothing', given: [], expected: [] },
    { name: 'less than a batch', given: [1, 2], expected: [[1, 2]] },
    { name: 'exactly a batch', given: [1, 2, 3], expected: [[1, 2, 3]] },
    { name: 'more than a batch', given: [1, 2, 3, 4], expected: [[1, 2, 3], [4]] },
    { name: 'large blocks', given: [60, 60, 200, 1], expected: [[60, 60], [200], [1]] },
  ])('groups $name', async ({ given, expected }) => {
    const failure = new Error('torn');
    expect(await sizesOf(given)).toEqual({ sizes: expected });
    expect(await sizesOf(given, failure)).toEqual({ sizes: expected, error: failure });
  });

  it('ends the source when it is no longer read', async () => {
    let ended = false;
    async function* endless() {
      try {
        for (;;) yield new Uint8Array(1);
      } finally {
        ended = true;
      }
    }
    for await (const batch of inBatches(endless(), LIMITS)) {
      expect(batch).toHaveLength(3);
      break;
    }
    expect(ended).toBe(true);
  });
});
