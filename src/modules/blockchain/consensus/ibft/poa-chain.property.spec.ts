import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ibftChain, testKeys } from '../../../../../test/support/chain-builder/index.js';
import { itemAt, VerifiedChain } from '../../../../../test/support/verified-chain.js';
import { toHex } from '../../../../common/bytes.js';
import type { IbftValidator } from './extra.js';
import type { IbftState } from './ibft-state.js';

const keys = testKeys(9);

const nameOf = ({ address, blsPublicKey }: IbftValidator) =>
  blsPublicKey === undefined ? toHex(address) : `${toHex(address)}:${toHex(blsPublicKey)}`;

const chains = fc.record({
  size: fc.integer({ min: 1, max: 7 }),
  epochSize: fc.integer({ min: 2, max: 12 }),
  type: fc.constantFrom('ecdsa' as const, 'bls' as const),
  steps: fc.array(
    fc.record({
      // Few candidates, so that votes come together.
      vote: fc.option(fc.record({ id: fc.constantFrom(0, 1, 7, 8), authorize: fc.boolean() })),
      round: fc.nat(2),
      parentSeals: fc.constantFrom('copy' as const, 'subset' as const),
    }),
    { minLength: 1, maxLength: 24 },
  ),
});

it('follows the votes of any chain as the builder, which has a model of its own, does', async () => {
  await fc.assert(
    fc.asyncProperty(chains, async ({ size, epochSize, type, steps }) => {
      const chain = ibftChain({ validators: keys.slice(0, size), epochSize, type });
      const votes = [chain.votes];
      for (const { vote, round, parentSeals } of steps) {
        const candidate = vote && itemAt(keys, vote.id);
        // The last validator may not go.
        const isCast = candidate && (vote.authorize || chain.set.length > 1);
        chain.seal({
          round,
          parentSeals,
          ...(isCast ? { vote: { candidate, authorize: vote.authorize } } : {}),
        });
        votes.push(chain.votes);
      }
      const genesis = await VerifiedChain.of('built', chain.config, chain.blocks.slice(0, 1));
      const { consensus } = genesis;
      const { blocks, refusal } = genesis.examine(0, chain.blocks.slice(1));
      expect(refusal).toBeUndefined();
      let state = genesis.stateAt(0) as IbftState;
      for (const { evidence, number } of blocks) {
        state = consensus.judge(evidence, state, 0).state as IbftState;
        expect(state.set.map(nameOf)).toEqual(
          chain.setAt(number + 1).map((key) => nameOf(type === 'bls' ? key : { address: key.address })),
        );
        const counted = state.votes.map(
          ({ voter, candidate, authorize }) => `${toHex(voter)}>${nameOf(candidate)}${authorize ? '+' : '-'}`,
        );
        expect(counted.sort()).toEqual(votes[number]);
      }
      expect(blocks).toHaveLength(chain.height);
    }),
    { numRuns: 25 },
  );
});
