import { describe, expect, it } from '@jest/globals';
import { toHex } from '../../../src/common/bytes.js';
import { decodeBlock } from '../../../src/modules/blockchain/codec/block.codec.js';
import { decodeIbftExtra, isEmptySeals } from '../../../src/modules/blockchain/consensus/ibft/extra.js';
import { ibftHeaderHash } from '../../../src/modules/blockchain/consensus/ibft/header-hash.js';
import {
  committedSealDigest,
  proposalHash,
} from '../../../src/modules/blockchain/consensus/ibft/seal-digests.js';
import { verifyStructure } from '../../../src/modules/blockchain/consensus/verify-structure.js';
import { blsAggregate, blsSign } from '../../../src/modules/blockchain/crypto/bls12-381.js';
import { ibftForkAt } from '../../../src/modules/blockchain/genesis/chain-config.js';
import { RlpReader } from '../../../src/modules/blockchain/rlp/rlp.js';
import { recoverCommittedSigners, recoverProposer } from '../ibft-signers.js';
import { type IbftChain, ibftChain } from './ibft-chain.js';
import { type SealKey, testKeys } from './keys.js';
import { transfers } from './transactions.js';

const hex = (keys: readonly { address: Uint8Array }[]) => keys.map(({ address }) => toHex(address));

/** What stands in block `number` of a chain. */
function read(chain: IbftChain, number: number) {
  const { engine } = chain.config;
  if (engine.name !== 'ibft') throw new Error('not IBFT');
  const isBls = (at: number) => ibftForkAt(engine.forks, at)?.validatorType === 'bls';
  const kinds = { bls: isBls(number), parentBls: isBls(Math.max(number - 1, 0)) };
  const block = decodeBlock(chain.blockAt(number));
  const extra = decodeIbftExtra(block.header.extraData, { ...kinds, number });
  return { block, header: block.header, extra, kinds, hash: ibftHeaderHash(block.header, kinds) };
}

function itemsIn(list: Uint8Array): number {
  const items = new RlpReader(list).readList();
  let count = 0;
  for (; !items.isAtEnd; count++) items.readRaw();
  return count;
}

function expectLinked(chain: IbftChain): void {
  for (let number = 1; number <= chain.height; number++) {
    const parent = read(chain, number - 1);
    const { block, hash, extra } = read(chain, number);
    verifyStructure(block, parent.header, parent.hash, { hashWithType: true });
    expect(toHex(hash)).toBe(toHex(chain.hashAt(number)));
    expect(recoverProposer(extra, hash)).toEqual(chain.proposerAt(number)?.address);
    expect(hex(extra.validators)).toEqual(hex(chain.setAt(number)));
  }
}

/** Lets every validator vote until the vote is through, at most `most` times. */
function vote(chain: IbftChain, candidate: SealKey, authorize: boolean, most = 20): number {
  const isIn = () => chain.set.some(({ address }) => toHex(address) === toHex(candidate.address));
  for (let block = 0; block < most && isIn() !== authorize; block++)
    chain.seal({ vote: { candidate, authorize } });
  expect(isIn()).toBe(authorize);
  return chain.height;
}

describe('an IBFT chain', () => {
  it('is linked, sealed in turn and committed by all', () => {
    const chain = ibftChain().grow(9);
    expectLinked(chain);
    const proposers = [1, 2, 3, 4, 5].map((number) => chain.proposerAt(number));
    expect(proposers).toEqual([0, 1, 2, 3, 0].map((turn) => chain.setAt(1)[turn]));
    const { extra, hash } = read(chain, 9);
    expect(
      recoverCommittedSigners(extra, hash)
        .map((signer) => signer && toHex(signer))
        .sort(),
    ).toEqual(hex(chain.setAt(9)).sort());
    expect(extra.parentSeals).toEqual(read(chain, 8).extra.committedSeals);
    expect(isEmptySeals(read(chain, 1).extra.parentSeals)).toBe(true);
  });

  it('is the same in every run, and another with other options', () => {
    expect(ibftChain().grow(3).hashAt(3)).toEqual(ibftChain().grow(3).hashAt(3));
    expect(ibftChain({ validators: 5 }).grow(3).hashAt(3)).not.toEqual(ibftChain().grow(3).hashAt(3));
  });

  it.each(['ecdsa', 'bls'] as const)('votes validators in and out, %s', (type) => {
    const chain = ibftChain({ type, epochSize: 50 }).grow(3);
    const newcomer = chain.newKey();
    const inAt = vote(chain, newcomer, true);
    expect(inAt).toBe(6);
    chain.grow(7);
    const [first] = chain.set;
    if (first === undefined) throw new Error('no validator');
    vote(chain, first, false);
    chain.grow(5);
    expect(hex(chain.set)).toEqual(hex([...testKeys(4).slice(1), newcomer]));
    expectLinked(chain);
  });

  it('has a BLS aggregate that equals the sum of each signature', () => {
    const chain = ibftChain({ type: 'bls' }).grow(2);
    const { extra, hash } = read(chain, 2);
    const digest = committedSealDigest(proposalHash(hash, extra.round));
    const seals = new RlpReader(extra.committedSeals).readList();
    expect([...seals.readBytes()]).toEqual([0b1111]);
    const each = chain.setAt(2).map(({ blsSecret = new Uint8Array() }) => blsSign(blsSecret, digest));
    expect(toHex(seals.readBytes())).toBe(toHex(blsAggregate(each)));
  });

  it('clears votes when an epoch begins', () => {
    const chain = ibftChain({ epochSize: 5 }).grow(2);
    const vote = { candidate: chain.newKey(), authorize: true };
    chain.seal({ vote });
    chain.seal({ vote });
    expect(chain.votes).toHaveLength(2);
    chain.seal({ vote });
    expect(chain.votes).toHaveLength(0);
    expect(chain.set).toHaveLength(4);
  });

  it('seals as told', () => {
    const chain = ibftChain({ validators: 7 }).grow(3);
    const [first, second, third] = chain.set;
    if (first === undefined || second === undefined || third === undefined) throw new Error('no keys');
    const quorum = chain.seal({ round: 2, signers: 5, parentSeals: 'empty' });
    expect(chain.proposerAt(4)).toBe(chain.setAt(4)[(3 + 2) % 7]);
    expect(read(chain, 4).extra.round).toBe(2n);
    expect(isEmptySeals(read(chain, 4).extra.parentSeals)).toBe(true);
    expect(new Set(recoverCommittedSigners(read(chain, 4).extra, quorum.hash))).toHaveProperty('size', 5);
    chain.seal({ round: 'none', proposer: third, signers: [first, second], parentSeals: 'subset' });
    const { extra } = read(chain, 5);
    expect(extra).not.toHaveProperty('round');
    expect(itemsIn(extra.parentSeals)).toBe(5);
    chain.seal({ claimedSet: [first], gasLimit: 5_242_881n, transactions: transfers(3) });
    expect(read(chain, 6).extra.validators).toHaveLength(1);
    expect(read(chain, 6).block.transactions).toHaveLength(3);
    chain.seal({ tamper: (header) => ({ ...header, baseFee: 1n }) });
    expect(toHex(read(chain, 7).hash)).toBe(toHex(chain.hashAt(7)));
    chain.seal({ mutateHeader: (draft) => ({ ...draft, difficulty: 1n }) });
    expect(read(chain, 8).header.difficulty).toBe(1n);
  });

  it('forks into chains that go their own ways', () => {
    const chain = ibftChain({ epochSize: 10 }).grow(3);
    const candidate = chain.newKey();
    chain.seal({ vote: { candidate, authorize: true } });
    chain.seal({ vote: { candidate, authorize: true } });
    const other = chain.fork(4);
    expect(other.votes).toHaveLength(1);
    vote(chain, candidate, true);
    other.seal({ timestamp: 1_000_000n });
    other.grow(12);
    expect(chain.set).toHaveLength(5);
    expect(other.set).toHaveLength(4);
    expect(other.hashAt(4)).toEqual(chain.hashAt(4));
    expect(other.hashAt(5)).not.toEqual(chain.hashAt(5));
    expectLinked(chain);
    expectLinked(other);
  });

  it('switches from ECDSA to BLS validators, and then to PoS', () => {
    const keys = testKeys(5);
    const chain = ibftChain({
      epochSize: 10,
      validators: keys.slice(0, 4),
      forks: [
        { from: 0, to: 9 },
        { from: 10, to: 19, validatorType: 'bls', validators: keys },
        { type: 'PoS', from: 20, validatorType: 'bls', validators: keys.slice(1) },
      ],
    }).grow(25);
    expect([9, 10, 20].map((number) => chain.setAt(number).length)).toEqual([4, 5, 4]);
    expect(read(chain, 10).extra.parentSeals).toEqual(read(chain, 9).extra.committedSeals);
    expectLinked(chain);
  });

  it('changes a PoS set when told', () => {
    const chain = ibftChain({ pos: true, type: 'bls', epochSize: 5 }).grow(4);
    const set = [...chain.set.slice(1), chain.newKey()];
    chain.seal({ set });
    chain.grow(3);
    expect(chain.setAt(8)).toBe(set);
    expectLinked(chain);
  });
});
