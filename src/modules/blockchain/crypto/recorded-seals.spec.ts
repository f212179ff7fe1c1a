import { beforeAll, describe, expect, it } from '@jest/globals';
import { readBackup } from '../../../../test/support/fixtures.js';
import { decodeBlock } from '../codec/block.codec.js';
import { decodeIbftExtra, encodeRound } from '../consensus/ibft/extra.js';
import { ibftHeaderHash } from '../consensus/ibft/header-hash.js';
import { decodePolybftExtra } from '../consensus/polybft/extra.js';
import { polybftHeaderHash } from '../consensus/polybft/header-hash.js';
import type { Header } from '../ports/types.js';
import { RlpReader } from '../rlp/rlp.js';
import type { Aggregate } from './aggregate.js';
import { blsVerifyAggregates } from './bls12-381.js';
import { bn254VerifyAggregates, CHECKPOINT_DOMAIN, isBn254PublicKey, prepareBn254 } from './bn254.js';
import { keccak256 } from './keccak.js';

const headersOf = (network: 'ibft-bls' | 'polybft', count: number) =>
  readBackup(network)
    .blocks.slice(0, count)
    .map((raw) => decodeBlock(raw).header);

/** A word of Solidity's ABI. */
function word(value: bigint): Uint8Array {
  return new Uint8Array(Buffer.from(value.toString(16).padStart(64, '0'), 'hex'));
}

const CHAIN_ID = 4103n;

const withAnotherMessage = (aggregates: readonly Aggregate[]) =>
  aggregates.map((aggregate) => ({ ...aggregate, message: keccak256(aggregate.message) }));

describe('the committed seals of a recorded IBFT chain with BLS validators', () => {
  /** Chosen by the set that the header claims, and by the bits of a big-endian number. */
  function aggregateOf(header: Header): Aggregate {
    const kinds = { bls: true, parentBls: true };
    const extra = decodeIbftExtra(header.extraData, { ...kinds, number: header.number });
    const seals = new RlpReader(extra.committedSeals).readList();
    const bitmap = BigInt(`0x${Buffer.from(seals.readBytes()).toString('hex')}`);
    const signature = seals.readBytes();
    const hash = ibftHeaderHash(header, kinds);
    const proposal = extra.round === undefined ? hash : keccak256(hash, encodeRound(extra.round));
    const signers = extra.validators.filter((_, index) => (bitmap >> BigInt(index)) & 1n);
    return {
      publicKeys: signers.map(({ blsPublicKey }) => blsPublicKey ?? new Uint8Array()),
      message: keccak256(keccak256(proposal, Uint8Array.of(2))),
      signature,
    };
  }

  it('verify, and only over what was signed', () => {
    const aggregates = headersOf('ibft-bls', 40).slice(1).map(aggregateOf);
    expect(aggregates).toHaveLength(39);
    expect(blsVerifyAggregates(aggregates)).toEqual(aggregates.map(() => true));
    expect(blsVerifyAggregates(withAnotherMessage(aggregates.slice(0, 2)))).toEqual([false, false]);
  });
});

describe('the committed signatures of a recorded PolyBFT chain', () => {
  beforeAll(prepareBn254);

  /** The keys that a header adds to the set. */
  function addedKeys(header: Header): Uint8Array[] {
    const delta = new RlpReader(decodePolybftExtra(header.extraData, header.number).validators).readList();
    const keys: Uint8Array[] = [];
    if (delta.isAtEnd) return keys;
    const added = delta.readList();
    while (!added.isAtEnd) {
      const account = added.readList();
      account.readBytes();
      keys.push(account.readBytes());
    }
    return keys;
  }

  function aggregateOf(header: Header, keys: readonly Uint8Array[], chainId: bigint): Aggregate {
    const extra = decodePolybftExtra(header.extraData, header.number);
    const committed = new RlpReader(extra.committed).readList();
    const signature = committed.readBytes();
    const bitmap = committed.readBytes();
    const checkpoint = new RlpReader(extra.checkpoint).readList();
    const [blockRound, epoch] = [checkpoint.readUint64(), checkpoint.readUint64()];
    const [current, next, eventRoot] = [0, 1, 2].map(() => checkpoint.readFixed(32));
    const message = keccak256(
      word(chainId),
      word(BigInt(header.number)),
      polybftHeaderHash(header),
      word(blockRound),
      word(epoch),
      ...[eventRoot, current, next].map((hash) => hash ?? new Uint8Array()),
    );
    const publicKeys = keys.filter((_, index) => ((bitmap[index >> 3] ?? 0) >> (index & 7)) & 1);
    return { publicKeys, message, signature };
  }

  it('verify, and only over what was signed', () => {
    const [genesis, ...headers] = headersOf('polybft', 40);
    const keys = genesis === undefined ? [] : addedKeys(genesis);
    expect(keys.map(isBn254PublicKey)).toEqual([true, true, true, true, true]);
    const aggregates = headers.map((header) => aggregateOf(header, keys, CHAIN_ID));
    expect(bn254VerifyAggregates(aggregates, CHECKPOINT_DOMAIN)).toEqual(aggregates.map(() => true));
    expect(bn254VerifyAggregates(withAnotherMessage(aggregates.slice(0, 2)), CHECKPOINT_DOMAIN)).toEqual([
      false,
      false,
    ]);
  });
});
