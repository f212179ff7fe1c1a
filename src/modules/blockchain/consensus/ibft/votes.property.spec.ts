import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PoaModel } from '../../../../../test/support/chain-builder/poa-model.js';
import { toHex } from '../../../../common/bytes.js';
import type { IbftValidator } from './extra.js';
import { applyBlock, type VotedSet } from './votes.js';

const address = (id: number) => new Uint8Array(20).fill(id);
const validator = (id: number): IbftValidator => ({ address: address(id) });
const blsValidator = (id: number, key: number): IbftValidator => ({
  address: address(id),
  blsPublicKey: new Uint8Array(48).fill(key),
});

it('goes where a simple model of the voting rules goes', () => {
  const line = fc.record({
    proposer: fc.nat(20),
    vote: fc.option(
      fc.record({ id: fc.integer({ min: 1, max: 9 }), key: fc.nat(1), authorize: fc.boolean() }),
    ),
  });
  const chains = fc.record({
    size: fc.integer({ min: 1, max: 7 }),
    epochSize: fc.integer({ min: 1, max: 12 }),
    bls: fc.boolean(),
    lines: fc.array(line, { maxLength: 80 }),
  });
  fc.assert(
    fc.property(chains, ({ size, epochSize, bls, lines }) => {
      const make = (id: number, key: number) => (bls ? blsValidator(id, key + 1) : validator(id));
      const name = ({ address: at, blsPublicKey }: IbftValidator) =>
        blsPublicKey === undefined ? toHex(at) : `${toHex(at)}:${toHex(blsPublicKey)}`;
      let state: VotedSet = {
        set: Array.from({ length: size }, (_, index) => make(index + 1, 0)),
        votes: [],
      };
      const model = new PoaModel(epochSize, state.set.map(name));
      for (const [index, { proposer: turn, vote }] of lines.entries()) {
        const proposer = state.set[turn % state.set.length]?.address;
        if (proposer === undefined) return;
        const cast = vote && { candidate: make(vote.id, vote.key), authorize: vote.authorize };
        const before = JSON.stringify([state.set.map(name), state.votes.length]);
        const after = applyBlock(state, { number: index + 1, proposer, ...cast }, epochSize);
        expect(JSON.stringify([state.set.map(name), state.votes.length])).toBe(before);
        model.apply(
          index + 1,
          toHex(proposer),
          cast ? { candidate: name(cast.candidate), authorize: cast.authorize } : undefined,
        );
        state = after;
        expect(state.set.map(name)).toEqual(model.set);
        const counted = state.votes.map(
          ({ voter, candidate, authorize }) => `${toHex(voter)}>${name(candidate)}${authorize ? '+' : '-'}`,
        );
        expect(counted.sort()).toEqual(model.votes());
      }
    }),
    { numRuns: 300 },
  );
});
