import { describe, expect, it } from '@jest/globals';
import { devChain } from '../../../../test/support/chain-builder/index.js';
import { parseGenesis } from '../../blockchain/index.js';
import { nextBlockRules } from './next-block-rules.js';

const setup = (forks: Record<string, { block: number }>, genesis: object = {}) => {
  const file = JSON.parse(devChain().genesisText) as { genesis: object; params: object };
  const params = { ...file.params, forks, burnContract: { '0': `0x${'0'.repeat(39)}1` } };
  return parseGenesis(JSON.stringify({ ...file, genesis: { ...file.genesis, ...genesis }, params }));
};
const head = { number: 9, gasLimit: 1_000n, gasUsed: 0n, baseFee: 0n };

describe(nextBlockRules.name, () => {
  it('takes the forks of the next block, and the base fee where London holds at the head', () => {
    const london = { london: { block: 10 }, istanbul: { block: 11 } };
    const fees = { baseFee: '0x7', baseFeeEM: '0x2', baseFeeChangeDenom: '0x8' };
    const before = nextBlockRules(head, setup(london, fees));
    expect(before).toMatchObject({ gasLimit: 1_000n, baseFee: 0n, isLondon: true, isIstanbul: false });
    const after = nextBlockRules({ ...head, number: 10 }, setup(london, fees));
    expect(after).toMatchObject({ baseFee: 7n, isIstanbul: true });
  });

  it.each([
    { name: 'never', forks: {}, expect: { hashWithType: false, willHashWithType: false } },
    { name: 'later', block: 11, expect: { hashWithType: false, willHashWithType: true } },
    { name: 'from the next block on', block: 10, expect: { hashWithType: true, willHashWithType: false } },
  ])('knows whether hashes have the type: $name', ({ block, expect: rules }) => {
    const forks = block === undefined ? {} : { txHashWithType: { block } };
    expect(nextBlockRules(head, setup(forks))).toMatchObject(rules);
  });
});
