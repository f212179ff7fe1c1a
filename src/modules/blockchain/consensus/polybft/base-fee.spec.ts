import { describe, expect, it } from '@jest/globals';
import { nextBaseFee } from './base-fee.js';

const rules = { baseFee: 0n, elasticity: 2n, changeDenominator: 8n };
const parent = { baseFee: 1_000_000_000n, gasLimit: 20_000_000n, gasUsed: 10_000_000n };
const MOST = 2n ** 64n - 1n;

describe(nextBaseFee.name, () => {
  it.each([
    { name: 'is 0 before London', given: parent, isLondon: false, fee: 0n },
    { name: 'is that of genesis after a fee of 0', given: { ...parent, baseFee: 0n }, genesis: 7n, fee: 7n },
    { name: 'is 1 gwei where genesis has none', given: { ...parent, baseFee: 0n }, fee: 1_000_000_000n },
    { name: 'stays at the target', given: parent, fee: 1_000_000_000n },
    { name: 'stays where there is no target', given: { ...parent, gasLimit: 1n }, fee: 1_000_000_000n },
    {
      name: 'rises by an eighth in a full block',
      given: { ...parent, gasUsed: 20_000_000n },
      fee: 1_125_000_000n,
    },
    { name: 'falls by an eighth in an empty block', given: { ...parent, gasUsed: 0n }, fee: 875_000_000n },
    { name: 'rises with the gas', given: { ...parent, gasUsed: 11_000_000n }, fee: 1_012_500_000n },
    { name: 'rises by 1 at least', given: { ...parent, baseFee: 1n, gasUsed: 10_000_001n }, fee: 2n },
    { name: 'does not fall by less than 1', given: { ...parent, baseFee: 7n, gasUsed: 9_999_999n }, fee: 7n },
    {
      name: 'wraps as 64-bit integers do in the product',
      given: { baseFee: 2n ** 63n, gasLimit: 20n, gasUsed: 14n },
      // 2^63 · 4 is 0 in 64 bits, and a rise is 1 at least.
      fee: 2n ** 63n + 1n,
    },
    {
      name: 'wraps in the sum',
      given: { baseFee: MOST, gasLimit: 20n, gasUsed: 11n },
      fee: MOST / 10n / 8n - 1n,
    },
  ])('$name', ({ given, fee, genesis = 0n, isLondon = true }) => {
    expect(nextBaseFee(given, isLondon, { ...rules, baseFee: genesis })).toBe(fee);
  });

  it('goes by the elasticity and the denominator of the chain', () => {
    const next = nextBaseFee({ ...parent, gasUsed: 20_000_000n }, true, {
      ...rules,
      elasticity: 4n,
      changeDenominator: 100n,
    });
    expect(next).toBe(1_000_000_000n + (1_000_000_000n * 15_000_000n) / 5_000_000n / 100n);
  });
});
