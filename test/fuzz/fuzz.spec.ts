import { describe, expect, it } from '@jest/globals';
import { failureOf, fuzz, TARGETS } from './fuzz.js';

const INPUTS = 2_000;

describe(fuzz.name, () => {
  it.each(Object.entries(TARGETS))('finds nothing in %s', async (_, target) => {
    for (const seed of target.seeds) expect(await failureOf(target.run, seed)).toBeUndefined();
    expect(await fuzz(target, { inputs: INPUTS, seed: 1 })).toMatchObject({ inputs: INPUTS, failures: [] });
  });

  it('finds what is wrong, the same each time, and gives up after some', async () => {
    const seeds = [Uint8Array.of(1, 2, 3)];
    const run = (bytes: Uint8Array) => {
      if (bytes[0] === 2) throw new Error('two');
    };
    const [first, second] = [
      await fuzz({ run, seeds }, { inputs: INPUTS, seed: 3 }),
      await fuzz({ run, seeds }, { inputs: INPUTS, seed: 3 }),
    ];
    expect(first.failures).toHaveLength(10);
    expect(second.failures).toEqual(first.failures);
    expect(first.failures.every(({ input }) => input[0] === 2)).toBe(true);
  });
});
