import { describe, expect, it } from '@jest/globals';
import { type SealKey, testKeys } from '../../../../test/support/chain-builder/index.js';
import { chooseTurn, quorumOf } from './choose-turn.js';

const keys = testKeys(7);
const pick = (...positions: number[]) => keys.filter((_, position) => positions.includes(position));
const positionsOf = (some: readonly unknown[]) => some.map((key) => keys.indexOf(key as SealKey));

describe(chooseTurn.name, () => {
  it.each([
    { name: 'the first after genesis', set: 4, ours: [0, 1, 2, 3], last: undefined, proposer: 0, round: 0 },
    { name: 'the one after the last', set: 4, ours: [0, 1, 2, 3], last: 1, proposer: 2, round: 0 },
    { name: 'the first again after all', set: 4, ours: [0, 1, 2, 3], last: 3, proposer: 0, round: 0 },
    {
      name: 'the second after one that has gone',
      set: 4,
      ours: [0, 1, 2, 3],
      last: 6,
      proposer: 1,
      round: 0,
    },
    {
      name: 'ours in a later round when others are due',
      set: 7,
      ours: [0, 1, 4, 5, 6],
      last: 1,
      proposer: 4,
      round: 2,
    },
    { name: 'the only one', set: 1, ours: [0], last: 0, proposer: 0, round: 0 },
  ])('is the turn of $name', ({ set, ours, last, proposer, round }) => {
    const turn = chooseTurn(
      keys.slice(0, set),
      pick(...ours),
      last === undefined ? undefined : keys[last]?.address,
    );
    expect(turn?.proposer).toBe(keys[proposer]);
    expect(turn?.round).toBe(round);
    expect(positionsOf(turn?.signers ?? [])).toEqual(ours);
  });

  it('has only keys of the set sign, in its order', () => {
    const turn = chooseTurn(pick(2, 1, 0), keys, undefined);
    expect(positionsOf(turn?.signers ?? [])).toEqual([0, 1, 2]);
  });

  it.each([
    { name: 'too few keys', set: 4, ours: [0, 1] },
    { name: 'none of the set', set: 1, ours: [1] },
    { name: 'an empty set', set: 0, ours: [0] },
  ])('is nobody’s turn with $name', ({ set, ours }) => {
    expect(chooseTurn(keys.slice(0, set), pick(...ours), undefined)).toBeUndefined();
  });
});

it('gathers as many seals as the live consensus of the Go client', () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((count) => quorumOf(keys.slice(0, count)))).toEqual([1, 2, 3, 3, 4, 5, 5]);
});
