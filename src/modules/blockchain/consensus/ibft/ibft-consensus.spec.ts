import { describe, expect, it } from '@jest/globals';
import { consensusContract } from '../../../../../test/contract/consensus.contract.js';
import {
  type IbftChainOptions,
  ibftChain,
  testKeys,
} from '../../../../../test/support/chain-builder/index.js';
import { readBackup } from '../../../../../test/support/fixtures.js';
import { recoverCommittedSigners, recoverProposer } from '../../../../../test/support/ibft-signers.js';
import { toHex } from '../../../../common/bytes.js';
import { decodeBlock } from '../../codec/block.codec.js';
import { keccak256 } from '../../crypto/keccak.js';
import { signRecoverable } from '../../crypto/secp256k1.js';
import type { IbftFork } from '../../genesis/chain-config.js';
import type { Header } from '../../ports/types.js';
import { encodeBytes, encodeList } from '../../rlp/rlp.js';
import { decodeIbftExtra, encodeIbftExtra, type IbftExtra, initialIbftExtra } from './extra.js';
import { ibftHeaderHash } from './header-hash.js';
import { IbftConsensus } from './ibft-consensus.js';
import { sealHeader, sealKey } from './write-seals.js';

const POA: IbftFork = { type: 'PoA', validatorType: 'ecdsa', from: 0 };
const ECDSA = { bls: false, parentBls: false };
const { blocks } = readBackup('ibft-ecdsa');
const headerAt = (number: number) => decodeBlock(blocks[number] ?? new Uint8Array()).header;

const withForks = (...forks: IbftFork[]) =>
  new IbftConsensus({ forks, epochSize: 10, quorumSizeBlockNum: 0 });
const consensus = withForks(POA);

/** Votes a validator in and another out, across the end of an epoch, with rounds. */
function votingChain(options: IbftChainOptions) {
  const chain = ibftChain({ epochSize: 6, ...options });
  const newcomer = chain.newKey();
  for (let votes = 0; votes < 3; votes++) chain.seal({ vote: { candidate: newcomer, authorize: true } });
  const [first] = chain.set;
  if (first === undefined) throw new Error('no validator');
  chain.seal({ round: 1, parentSeals: 'subset' });
  chain.grow(3);
  for (let votes = 0; votes < 3; votes++)
    chain.seal({ vote: { candidate: first, authorize: false }, signers: 4 });
  return chain.grow(2);
}

const faults = {
  header: { difficulty: 0n },
  rule: 'ibft.difficulty',
  judgedBy: 'ibft.committed-quorum',
} as const;

describe.each(['ecdsa', 'bls'] as const)('with %s validators', (type) => {
  consensusContract(`ibft PoA, ${type}`, {
    build: () => votingChain({ type }),
    faults: {
      ...faults,
      build: () => {
        const chain = ibftChain({ type }).grow(3);
        chain.seal({ signers: 2 });
        return chain;
      },
    },
  });
});

consensusContract('ibft PoS', {
  build: () => ibftChain({ type: 'bls', pos: true, epochSize: 3 }).grow(8),
  faults: {
    header: { nonce: new Uint8Array(8).fill(0xff) },
    rule: 'ibft.idle-nonce',
    build: () => {
      const chain = ibftChain({ type: 'bls', pos: true, epochSize: 3 }).grow(2);
      chain.seal({ set: [...chain.set, chain.newKey()] });
      return chain;
    },
    judgedBy: 'ibft.trusted-epoch',
  },
});

consensusContract('ibft, from ECDSA to BLS', {
  build: () => {
    const keys = testKeys(5);
    const forks = [
      { from: 0, to: 3 },
      { from: 4, validatorType: 'bls' as const, validators: keys },
    ];
    return ibftChain({ epochSize: 4, validators: keys.slice(0, 4), forks }).grow(8);
  },
  faults: {
    ...faults,
    build: () => {
      const forks = [
        { from: 0, to: 3 },
        { from: 4, validatorType: 'bls' as const, validators: testKeys(7) },
      ];
      const chain = ibftChain({ epochSize: 4, validators: 4, forks }).grow(3);
      chain.seal({ signers: 4 });
      return chain;
    },
  },
});

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

describe('the fork list', () => {
  const bls: IbftFork = { type: 'PoA', validatorType: 'bls', from: 31 };

  it('says for each height which kind the validators are', () => {
    const switching = withForks({ ...POA, to: 30 }, bls);
    expect(switching.headerHash(header)).toEqual(hash);
    expect(failureOf(() => switching.headerHash(headerAt(31)))).toBe('BLOCKCHAIN.BAD_EXTRA');
  });

  it('reads parent seals as of the height before', () => {
    const validators = [{ address: new Uint8Array(20), blsPublicKey: new Uint8Array(48) }];
    const first = {
      ...headerAt(31),
      extraData: initialIbftExtra(validators, 'bls', extraOf(header).committedSeals),
    };
    const switching = withForks(POA, bls);
    expect(switching.headerHash(first)).toEqual(ibftHeaderHash(first, { bls: true, parentBls: false }));
    expect(failureOf(() => withForks({ ...bls, from: 0 }).headerHash(first))).toBe('BLOCKCHAIN.BAD_EXTRA');
  });

  it('refuses a height that no entry covers', () => {
    expect(failureOf(() => withForks({ ...POA, to: 29 }).headerHash(header))).toBe('BLOCKCHAIN.BAD_EXTRA');
  });
});

describe('who sealed', () => {
  const key = sealKey(new Uint8Array(32).fill(5));
  const proposal = {
    header,
    extra: { ...extraOf(header), validators: [key] },
    kinds: ECDSA,
    round: 3n,
  };
  const { header: sealed, hash: sealedHash } = sealHeader(proposal, key, [key]);

  it('is found in a header that keeps its hash', () => {
    expect(toHex(consensus.headerHash(sealed))).toBe(toHex(sealedHash));
    const extra = extraOf(sealed);
    expect(recoverProposer(extra, sealedHash)).toEqual(key.address);
    expect(recoverCommittedSigners(extra, sealedHash)).toEqual([key.address]);
  });

  it('committed to the round', () => {
    const signers = recoverCommittedSigners({ ...extraOf(sealed), round: 4n }, sealedHash);
    expect(signers).not.toEqual([key.address]);
  });

  it('is found in a block of an old client too, whose seals are over the hash without a round', () => {
    const { round: _, ...old } = extraOf(sealed);
    const seal = signRecoverable(keccak256(keccak256(sealedHash, Uint8Array.of(2))), key.privateKey);
    const committedSeals = encodeList([encodeBytes(seal)]);
    expect(recoverCommittedSigners({ ...old, committedSeals }, sealedHash)).toEqual([key.address]);
    expect(recoverCommittedSigners(old, sealedHash)).not.toEqual([key.address]);
  });
});

it('names no committed signer where a seal is none', () => {
  const extra = { ...extraOf(header), committedSeals: Uint8Array.of(0xc1, 0x80) };
  expect(recoverCommittedSigners(extra, hash)).toEqual([undefined]);
});
