import { describe, expect, it } from '@jest/globals';
import { readBackup } from '../../../../../test/support/fixtures.js';
import { toHex } from '../../../../common/bytes.js';
import { decodeBlock } from '../../codec/block.codec.js';
import { addressOf } from '../../crypto/address.js';
import { keccak256 } from '../../crypto/keccak.js';
import { publicKeyOf, signRecoverable } from '../../crypto/secp256k1.js';
import type { IbftFork } from '../../genesis/chain-config.js';
import type { Header } from '../../ports/types.js';
import { encodeBytes, encodeList } from '../../rlp/rlp.js';
import { decodeIbftExtra, encodeIbftExtra, type IbftExtra, initialIbftExtra } from './extra.js';
import { ibftHeaderHash } from './header-hash.js';
import { IbftConsensus } from './ibft-consensus.js';
import { recoverCommittedSigners, recoverProposer, writeCommittedSeal, writeProposerSeal } from './seals.js';

const POA: IbftFork = { type: 'PoA', validatorType: 'ecdsa', from: 0 };
const ECDSA = { bls: false, parentBls: false };
const { blocks } = readBackup('ibft-ecdsa');
const headerAt = (number: number) => decodeBlock(blocks[number] ?? new Uint8Array()).header;

const consensus = new IbftConsensus([POA]);
const header = headerAt(30);
const hash = consensus.headerHash(header);

const extraOf = (of: Header) => decodeIbftExtra(of.extraData, { ...ECDSA, number: of.number });
const withExtra = (changes: Partial<IbftExtra>): Header => ({
  ...header,
  extraData: encodeIbftExtra({ ...extraOf(header), ...changes }),
});

const failureOf = (act: () => void): unknown => {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe('the header hash', () => {
  it.each<[string, Header]>([
    ['mixHash', { ...header, mixHash: new Uint8Array(32) }],
    ['nonce', { ...header, nonce: new Uint8Array(8).fill(1) }],
    ['baseFee', { ...header, baseFee: 9n }],
    ['the proposer seal', withExtra({ proposerSeal: new Uint8Array(65) })],
    ['the committed seals', withExtra({ committedSeals: Uint8Array.of(0xc0) })],
    ['the round', withExtra({ round: 99n })],
  ])('does not cover %s', (_, changed) => {
    expect(consensus.headerHash(changed)).toEqual(hash);
  });

  it.each<[string, Header]>([
    ['miner', { ...header, miner: new Uint8Array(20).fill(1) }],
    ['gasUsed', { ...header, gasUsed: 1n }],
    ['timestamp', { ...header, timestamp: 1n }],
    ['the vanity', withExtra({ vanity: new Uint8Array(32).fill(1) })],
    ['the validators', withExtra({ validators: [] })],
    ['the parent seals', withExtra({ parentSeals: Uint8Array.of(0xc0) })],
  ])('covers %s', (_, changed) => {
    expect(consensus.headerHash(changed)).not.toEqual(hash);
  });

  it('cannot be had of an extra that cannot be decoded', () => {
    expect(failureOf(() => consensus.headerHash({ ...header, extraData: new Uint8Array() }))).toBe(
      'BLOCKCHAIN.BAD_EXTRA',
    );
  });
});

describe('verifyHeader', () => {
  it('takes a recorded header', () => {
    expect(failureOf(() => consensus.verifyHeader(header, hash))).toBeUndefined();
  });

  it.each<[string, Header, string]>([
    ['another mixHash', { ...header, mixHash: new Uint8Array(32) }, 'BLOCKCHAIN.BAD_HEADER'],
    ['uncles', { ...header, sha3Uncles: new Uint8Array(32) }, 'BLOCKCHAIN.BAD_HEADER'],
    ['a difficulty that is not its number', { ...header, difficulty: 1n }, 'BLOCKCHAIN.BAD_HEADER'],
    ['a nonce that is no vote', { ...header, nonce: new Uint8Array(8).fill(1) }, 'BLOCKCHAIN.BAD_HEADER'],
    ['an extra that is too short', { ...header, extraData: new Uint8Array(31) }, 'BLOCKCHAIN.BAD_EXTRA'],
    ['no proposer seal', withExtra({ proposerSeal: new Uint8Array() }), 'BLOCKCHAIN.BAD_SEAL'],
    [
      'the proposer seal of another block',
      withExtra({ proposerSeal: extraOf(headerAt(31)).proposerSeal }),
      'BLOCKCHAIN.BAD_SEAL',
    ],
    ['a proposer outside the set', withExtra({ validators: [] }), 'BLOCKCHAIN.BAD_SEAL'],
  ])('refuses %s', (_, changed, code) => {
    expect(failureOf(() => consensus.verifyHeader(changed, hash))).toBe(code);
  });

  it('takes votes to add and to drop, and any nonce on a chain of stakers', () => {
    const add = { ...header, nonce: new Uint8Array(8).fill(0xff) };
    const other = { ...header, nonce: new Uint8Array(8).fill(1) };
    expect(failureOf(() => consensus.verifyHeader(add, hash))).toBeUndefined();
    expect(
      failureOf(() => new IbftConsensus([{ ...POA, type: 'PoS' }]).verifyHeader(other, hash)),
    ).toBeUndefined();
  });
});

describe('the fork list', () => {
  const bls: IbftFork = { type: 'PoA', validatorType: 'bls', from: 31 };

  it('says for each height which kind the validators are', () => {
    const switching = new IbftConsensus([{ ...POA, to: 30 }, bls]);
    expect(switching.headerHash(header)).toEqual(hash);
    expect(failureOf(() => switching.headerHash(headerAt(31)))).toBe('BLOCKCHAIN.BAD_EXTRA');
  });

  it('reads parent seals as of the height before', () => {
    const validators = [{ address: new Uint8Array(20), blsPublicKey: new Uint8Array(48) }];
    const first = {
      ...headerAt(31),
      extraData: initialIbftExtra(validators, 'bls', extraOf(header).committedSeals),
    };
    const switching = new IbftConsensus([POA, bls]);
    expect(switching.headerHash(first)).toEqual(ibftHeaderHash(first, { bls: true, parentBls: false }));
    expect(failureOf(() => new IbftConsensus([{ ...bls, from: 0 }]).headerHash(first))).toBe(
      'BLOCKCHAIN.BAD_EXTRA',
    );
  });

  it('refuses a height that no entry covers', () => {
    expect(failureOf(() => new IbftConsensus([{ ...POA, to: 29 }]).headerHash(header))).toBe(
      'BLOCKCHAIN.BAD_EXTRA',
    );
  });
});

describe('sealing with the one key of a chain', () => {
  const key = new Uint8Array(32).fill(5);
  const address = addressOf(publicKeyOf(key, false));
  const unsealed: Header = {
    ...header,
    extraData: initialIbftExtra([{ address }], 'ecdsa', extraOf(header).parentSeals),
  };
  const proposed = writeProposerSeal(unsealed, key);
  const sealed = writeCommittedSeal(proposed, 3n, key);

  it('makes a header that verifies and keeps its hash', () => {
    const sealedHash = consensus.headerHash(sealed);
    expect(toHex(sealedHash)).toBe(toHex(consensus.headerHash(unsealed)));
    expect(failureOf(() => consensus.verifyHeader(sealed, sealedHash))).toBeUndefined();
    const extra = extraOf(sealed);
    expect(extra.round).toBe(3n);
    expect(recoverProposer(extra, sealedHash)).toEqual(address);
    expect(recoverCommittedSigners(extra, sealedHash)).toEqual([address]);
  });

  it('commits to the round', () => {
    const signers = recoverCommittedSigners({ ...extraOf(sealed), round: 4n }, consensus.headerHash(sealed));
    expect(signers).not.toEqual([address]);
  });

  it('has its signer found in a block of an old client too, whose seals are over the hash without a round', () => {
    const { round: _, ...old } = extraOf(sealed);
    const oldHash = consensus.headerHash(sealed);
    const seal = signRecoverable(keccak256(keccak256(oldHash, Uint8Array.of(2))), key);
    const committedSeals = encodeList([encodeBytes(seal)]);
    expect(recoverCommittedSigners({ ...old, committedSeals }, oldHash)).toEqual([address]);
    expect(recoverCommittedSigners(old, oldHash)).not.toEqual([address]);
  });
});

it('names no committed signer where a seal is none', () => {
  const extra = { ...extraOf(header), committedSeals: Uint8Array.of(0xc1, 0x80) };
  expect(recoverCommittedSigners(extra, hash)).toEqual([undefined]);
});
