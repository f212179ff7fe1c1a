import { describe, expect, it } from '@jest/globals';
import { IbftState } from '../consensus/ibft/ibft-state.js';
import type { EngineConfig, IbftFork } from '../genesis/chain-config.js';
import { neverSkipped, omittedIn } from './omissions.js';

const POA: IbftFork = { type: 'PoA', validatorType: 'ecdsa', from: 0 };
const validators = [{ address: new Uint8Array(20).fill(1) }];
const engineOf = (...forks: IbftFork[]): EngineConfig => ({
  name: 'ibft',
  forks,
  blockTimeMs: 1_000,
  epochSize: 10,
  quorumSizeBlockNum: 0,
});

const stateWith = (votes: number) =>
  new IbftState({
    set: validators,
    sealers: validators,
    votes: Array.from({ length: votes }, (_, at) => ({
      voter: new Uint8Array(20).fill(at),
      candidate: { address: new Uint8Array(20).fill(9) },
      authorize: true,
    })),
    idle: [],
    trustedSets: 0,
  });

describe('omittedIn', () => {
  it.each([
    { name: 'an epoch without votes', votes: 0, from: 1, to: 30, omitted: false },
    { name: 'no end of an epoch', votes: 1, from: 11, to: 19, omitted: false },
    { name: 'the end of an epoch with votes', votes: 1, from: 11, to: 20, omitted: true },
    { name: 'that end alone', votes: 1, from: 20, to: 20, omitted: true },
    { name: 'many epochs', votes: 1, from: 3, to: 2 ** 53 - 1, omitted: true },
  ])('$name', ({ votes, from, to, omitted }) => {
    const found = omittedIn(engineOf(POA), stateWith(votes), { from, to });
    expect(found !== undefined).toBe(omitted);
  });

  it('epochs of a PoS chain, which clear no votes', () => {
    const engine = engineOf({ ...POA, to: 14 }, { ...POA, type: 'PoS', from: 15 });
    expect(omittedIn(engine, stateWith(1), { from: 12, to: 60 })).toBeUndefined();
    expect(omittedIn(engine, stateWith(1), { from: 9, to: 60 })).toBeDefined();
  });

  it('the height below a set of the genesis file', () => {
    const engine = engineOf({ ...POA, to: 43 }, { ...POA, from: 44, validators });
    expect(neverSkipped(engine)).toEqual([43]);
    expect(omittedIn(engine, stateWith(0), { from: 40, to: 43 })).toBeDefined();
    expect(omittedIn(engine, stateWith(0), { from: 44, to: 50 })).toBeUndefined();
  });

  it('knows nothing of other engines', () => {
    const engine: EngineConfig = { name: 'dev', blockTimeMs: 1_000 };
    expect(neverSkipped(engine)).toEqual([]);
    expect(omittedIn(engine, stateWith(1), { from: 1, to: 99 })).toBeUndefined();
  });
});
