import { describe, expect, it } from '@jest/globals';
import { FAULTS, MUTATIONS, verdictOnBuilt } from '../../../../test/support/mutations/index.js';
import { RULES, type Rule } from '../ports/rules.js';

describe('blocks that validators should not have sealed', () => {
  it.each(FAULTS)('are refused: $name', async ({ refusal, build, ...options }) => {
    const { code, rule, at = 0 } = refusal;
    const chain = await build();
    const { failure, blocks } = await verdictOnBuilt(chain, options);
    const number = chain.height + at;
    expect(failure?.detail).toMatchObject({ code, rule, number });
    expect(blocks).toHaveLength(number - 1);
  });

  it.each(FAULTS.filter(({ refusal }) => refusal.code === 'BLOCKCHAIN.ANOMALY'))(
    'are taken and reported where the chain is not strict: $name',
    async ({ refusal: { rule, at = 0 }, build }) => {
      const chain = await build();
      const number = chain.height + at;
      const { anomalies, failure } = await verdictOnBuilt(chain, { isStrict: false });
      expect(anomalies).toMatchObject([{ rule, number, hash: chain.hashAt(number) }]);
      // A vote without effect may be one that was turned around: what follows from it is another matter.
      if (at === 0) expect(failure).toBeUndefined();
    },
  );
});

it('is every rule that some change breaks', () => {
  const named = new Set<Rule>();
  const all = [
    ...MUTATIONS.flatMap(({ refused }) => Object.values(refused)).filter((refusal) => 'code' in refusal),
    ...FAULTS.map(({ refusal }) => refusal),
  ];
  for (const { rule } of all) if (rule !== undefined) named.add(rule);
  expect([...named].sort()).toEqual(Object.keys(RULES).sort());
});
