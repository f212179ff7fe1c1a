import { describe, expect, it } from '@jest/globals';
import type { IbftFork } from '../../genesis/chain-config.js';
import { IbftSchedule } from './ibft-schedule.js';

const POA: IbftFork = { type: 'PoA', validatorType: 'ecdsa', from: 0 };
const POS: IbftFork = { type: 'PoS', validatorType: 'bls', from: 0 };
const set = (...ids: number[]) => ids.map((id) => ({ address: new Uint8Array(20).fill(id) }));

const schedule = (forks: readonly IbftFork[], epochSize = 10, quorumSizeBlockNum = 0) =>
  new IbftSchedule({ forks, epochSize, quorumSizeBlockNum });

const heights = (last: number, when: (number: number) => boolean) =>
  Array.from({ length: last }, (_, index) => index + 1).filter(when);

describe('the quorum', () => {
  const switching = schedule([POA], 10, 100);

  it.each([
    { validators: 1, before: 1, after: 1 },
    { validators: 2, before: 1, after: 2 },
    { validators: 3, before: 1, after: 3 },
    { validators: 4, before: 3, after: 3 },
    { validators: 5, before: 3, after: 4 },
    { validators: 6, before: 3, after: 4 },
    { validators: 7, before: 5, after: 5 },
    { validators: 8, before: 5, after: 6 },
    { validators: 9, before: 5, after: 6 },
    { validators: 10, before: 7, after: 7 },
    { validators: 100, before: 67, after: 67 },
  ])('of $validators is $before, and $after from quorumSizeBlockNum on', ({ validators, before, after }) => {
    expect(switching.quorum(99, validators)).toBe(before);
    expect(switching.quorum(100, validators)).toBe(after);
    expect(schedule([POA]).quorum(1, validators)).toBe(after);
  });
});

describe('votes', () => {
  it('count on PoA, but at the end of an epoch', () => {
    const mixed = schedule(
      [
        { ...POA, to: 14 },
        { ...POS, from: 15, to: 24 },
        { ...POA, from: 25 },
      ],
      5,
    );
    expect(heights(31, (number) => mixed.countsVotes(number))).toEqual([
      ...[1, 2, 3, 4, 6, 7, 8, 9, 11, 12, 13, 14],
      ...[26, 27, 28, 29, 31],
    ]);
  });
});

describe('sets of PoS', () => {
  it.each<{ name: string; forks: IbftFork[]; read: number[] }>([
    { name: 'from genesis on, at epochs', forks: [POS], read: [10, 20, 30] },
    { name: 'nowhere on PoA', forks: [POA], read: [] },
    {
      name: 'first where PoS begins with an epoch',
      forks: [
        { ...POA, to: 19 },
        { ...POS, from: 20 },
      ],
      read: [20, 30],
    },
    {
      name: 'first where PoS begins inside an epoch',
      forks: [
        { ...POA, to: 14 },
        { ...POS, from: 15 },
      ],
      read: [15, 20, 30],
    },
    {
      name: 'first where PoS comes in place of another PoS',
      forks: [
        { ...POS, to: 14 },
        { ...POS, from: 15 },
      ],
      read: [10, 15, 20, 30],
    },
    {
      name: 'again where PoS comes back',
      forks: [
        { ...POS, to: 9 },
        { ...POA, from: 10, to: 17 },
        { ...POS, from: 18 },
      ],
      read: [18, 20, 30],
    },
  ])('are read $name', ({ forks, read }) => {
    const of = schedule(forks);
    expect(heights(31, (number) => of.readsContract(number))).toEqual(read);
  });

  it('are never read where the whole chain is the first epoch', () => {
    const of = schedule([POS], 100_000);
    expect(heights(99, (number) => of.readsContract(number))).toEqual([]);
  });
});

describe('the set that an entry brings', () => {
  it('is in force where the entry begins, on PoA', () => {
    const of = schedule([
      { ...POA, to: 9 },
      { ...POA, from: 10, validators: set(1, 2) },
    ]);
    expect(of.replacedSet(10)).toEqual(set(1, 2));
    expect([9, 11, 0].map((number) => of.replacedSet(number))).toEqual([undefined, undefined, undefined]);
  });

  it('is none on PoS, and none where no entry brings one or covers the height', () => {
    const of = schedule([
      { ...POA, to: 9 },
      { ...POS, from: 10, to: 19, validators: set(1) },
    ]);
    expect([0, 10, 20].map((number) => of.replacedSet(number))).toEqual([undefined, undefined, undefined]);
  });
});

describe('the kinds of seals', () => {
  it('are of the entry at the height, and at the parent', () => {
    const of = schedule([
      { ...POA, to: 9 },
      { ...POA, validatorType: 'bls', from: 10 },
    ]);
    expect([9, 10, 11].map((number) => of.sealKinds(number))).toEqual([
      { bls: false, parentBls: false },
      { bls: true, parentBls: false },
      { bls: true, parentBls: true },
    ]);
  });

  it('do not depend on genesis in block 1', () => {
    const of = schedule([
      { ...POA, to: 0 },
      { ...POA, validatorType: 'bls', from: 1 },
    ]);
    expect(of.sealKinds(1)).toEqual({ bls: true, parentBls: true });
  });

  it('are not known where no entry covers the height', () => {
    expect(() => schedule([{ ...POA, to: 5 }]).sealKinds(6)).toThrow(
      expect.objectContaining({
        code: 'BLOCKCHAIN.BAD_EXTRA',
        detail: expect.objectContaining({ number: 6 }),
      }),
    );
  });
});
