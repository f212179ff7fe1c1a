import { describe, expect, it } from '@jest/globals';
import { BlockchainError } from '../../blockchain.errors.js';
import { encodeBytes, encodeList } from '../../rlp/rlp.js';
import type { IbftValidator } from './extra.js';
import { applyBlock, positionIn, type VotedSet, type VotingBlock, voteFields, voteIn } from './votes.js';

const EPOCH = 10;
const address = (id: number) => new Uint8Array(20).fill(id);
const validator = (id: number): IbftValidator => ({ address: address(id) });
const blsValidator = (id: number, key: number): IbftValidator => ({
  address: address(id),
  blsPublicKey: new Uint8Array(48).fill(key),
});
const start = (...ids: number[]): VotedSet => ({ set: ids.map(validator), votes: [] });

/** `proposer` votes for `candidate`; heights from 1 on. */
type Line = readonly [proposer: number, vote: 'add' | 'drop' | 'none', candidate?: number];

function block(number: number, [proposer, vote, candidate = 0]: Line): VotingBlock {
  const cast = vote === 'none' ? {} : { candidate: validator(candidate), authorize: vote === 'add' };
  return { number, proposer: address(proposer), ...cast };
}

const play = (state: VotedSet, lines: readonly Line[], first = 1) =>
  lines.reduce((before, line, index) => applyBlock(before, block(first + index, line), EPOCH), state);

const ids = ({ set }: VotedSet) => set.map(({ address: [first] }) => first);
const votes = (state: VotedSet) =>
  state.votes.map(({ voter, candidate, authorize }) => [voter[0], authorize, candidate.address[0]]);

describe(applyBlock.name, () => {
  it.each<{ name: string; from: VotedSet; lines: Line[]; set: number[]; votes?: unknown[]; first?: number }>([
    {
      name: 'adds at the end with more than half the votes',
      from: start(1, 2, 3, 4),
      lines: [
        [1, 'add', 9],
        [2, 'add', 9],
        [3, 'add', 9],
      ],
      set: [1, 2, 3, 4, 9],
    },
    {
      name: 'does not add with half the votes',
      from: start(1, 2, 3, 4),
      lines: [
        [1, 'add', 9],
        [2, 'add', 9],
      ],
      set: [1, 2, 3, 4],
      votes: [
        [1, true, 9],
        [2, true, 9],
      ],
    },
    {
      name: 'counts a voter once',
      from: start(1, 2, 3, 4),
      lines: [
        [1, 'add', 9],
        [1, 'add', 9],
        [1, 'add', 9],
      ],
      set: [1, 2, 3, 4],
      votes: [[1, true, 9]],
    },
    {
      name: 'drops in place, with the votes of the dropped and for it',
      from: start(1, 2, 3, 4),
      lines: [
        [4, 'add', 9],
        [1, 'add', 9],
        [1, 'drop', 4],
        [2, 'drop', 4],
        [3, 'drop', 4],
      ],
      set: [1, 2, 3],
      votes: [[1, true, 9]],
    },
    {
      name: 'looks at the tally again when a voter repeats its vote in a smaller set',
      from: start(1, 2, 3, 4),
      lines: [
        [1, 'add', 9],
        [2, 'add', 9],
        [1, 'drop', 4],
        [2, 'drop', 4],
        [3, 'drop', 4],
        [1, 'add', 9],
      ],
      set: [1, 2, 3, 9],
    },
    {
      name: 'leaves votes alone that would change nothing',
      from: start(1, 2, 3),
      lines: [
        [1, 'add', 2],
        [1, 'drop', 9],
      ],
      set: [1, 2, 3],
      votes: [],
    },
    {
      name: 'clears the votes at an epoch block and ignores its own',
      from: start(1, 2),
      lines: [
        [1, 'add', 9],
        [2, 'add', 9],
        [2, 'add', 9],
      ],
      set: [1, 2],
      votes: [[2, true, 9]],
      first: 9,
    },
    {
      name: 'adds and drops with the vote of an only validator',
      from: start(1),
      lines: [
        [1, 'add', 2],
        [1, 'drop', 1],
        [2, 'drop', 1],
      ],
      set: [2],
    },
    {
      name: 'can drop the last one',
      from: start(1),
      lines: [[1, 'drop', 1]],
      set: [],
    },
  ])('$name', ({ from, lines, set, votes: expected = [], first }) => {
    const state = play(from, lines, first);
    expect(ids(state)).toEqual(set);
    expect(votes(state)).toEqual(expected);
  });

  it('gives the same object where nothing changes', () => {
    const state = start(1, 2, 3);
    const voted = play(state, [[1, 'add', 9]]);
    const quiet: [VotedSet, number, Line][] = [
      [state, 3, [1, 'none']],
      [state, 3, [1, 'add', 2]],
      [state, 10, [1, 'add', 9]],
      [voted, 3, [1, 'add', 9]],
    ];
    for (const [before, number, line] of quiet)
      expect(applyBlock(before, block(number, line), EPOCH)).toBe(before);
  });

  it('takes one address with two BLS keys for two candidates, and drops by address', () => {
    const state: VotedSet = { set: [1, 2, 3].map((id) => blsValidator(id, id)), votes: [] };
    const cast = (before: VotedSet, proposer: number, candidate: IbftValidator, authorize: boolean) =>
      applyBlock(before, { number: 1, proposer: address(proposer), candidate, authorize }, EPOCH);
    const split = cast(cast(state, 1, blsValidator(9, 1), true), 2, blsValidator(9, 2), true);
    expect(split.set).toBe(state.set);
    expect(split.votes).toHaveLength(2);
    expect(cast(split, 3, blsValidator(9, 2), true).set.at(-1)).toEqual(blsValidator(9, 2));
    const dropped = cast(cast(state, 1, blsValidator(2, 7), false), 3, blsValidator(2, 7), false);
    expect(ids(dropped)).toEqual([1, 3]);
  });
});

describe(voteIn.name, () => {
  const [add, drop] = [new Uint8Array(8).fill(0xff), new Uint8Array(8)];
  const header = (miner: Uint8Array, nonce: Uint8Array = add) => ({ number: 7, miner, nonce });
  const ruleOf = (read: () => unknown) => {
    try {
      read();
    } catch (error) {
      if (error instanceof BlockchainError && error.detail.code === 'BLOCKCHAIN.BAD_HEADER')
        return error.detail.rule;
      throw error;
    }
    return undefined;
  };

  it.each([
    { name: 'ECDSA', type: 'ecdsa', candidate: validator(9) },
    { name: 'BLS', type: 'bls', candidate: blsValidator(9, 3) },
  ] as const)('reads what voteFields writes, $name', ({ type, candidate }) => {
    for (const authorize of [true, false]) {
      expect(voteIn(header(...voted({ candidate, authorize })), type)).toEqual({ candidate, authorize });
    }
    expect(voteIn(header(...voted(undefined)), type)).toBeUndefined();
  });

  const voted = (vote: Parameters<typeof voteFields>[0]): [Uint8Array, Uint8Array] => {
    const { miner, nonce } = voteFields(vote);
    return [miner, nonce];
  };

  it('finds no vote where the miner is zero, whatever the nonce', () => {
    expect(voteIn(header(new Uint8Array(20), add), 'bls')).toBeUndefined();
    expect(voteIn(header(new Uint8Array(20), drop), 'ecdsa')).toBeUndefined();
  });

  it('pads and cuts an ECDSA candidate as Go does', () => {
    const addressOf = (miner: Uint8Array) => voteIn(header(miner), 'ecdsa')?.candidate.address;
    expect(addressOf(new Uint8Array())).toEqual(new Uint8Array(20));
    expect(addressOf(Uint8Array.of(5))).toEqual(Uint8Array.of(...new Uint8Array(19), 5));
    expect(addressOf(Uint8Array.of(1, ...address(6)))).toEqual(address(6));
  });

  it('refuses a nonce that is no vote, even in a block without a candidate', () => {
    for (const miner of [address(9), address(0)]) {
      expect(ruleOf(() => voteIn(header(miner, new Uint8Array(8).fill(1)), 'ecdsa'))).toBe('ibft.nonce');
    }
  });

  it.each([
    ['an address', address(9)],
    ['nothing', new Uint8Array()],
    [
      'an address of 19 bytes',
      encodeList([encodeBytes(new Uint8Array(19)), encodeBytes(new Uint8Array(48))]),
    ],
    ['bytes behind', Uint8Array.of(...encodeList([encodeBytes(address(9)), encodeBytes(address(9))]), 0)],
    ['a third item', encodeList([encodeBytes(address(9)), encodeBytes(address(9)), encodeBytes(address(9))])],
  ])('refuses a BLS candidate that is %s', (_, miner) => {
    expect(ruleOf(() => voteIn(header(miner), 'bls'))).toBe('ibft.vote-candidate');
  });
});

it('finds an address in a set', () => {
  const { set } = start(1, 2, 3);
  expect([3, 9].map((id) => positionIn(set, address(id)))).toEqual([2, -1]);
});
