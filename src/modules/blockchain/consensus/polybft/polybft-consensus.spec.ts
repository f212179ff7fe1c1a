import { type NestedUint8Array, RLP } from '@ethereumjs/rlp';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { consensusContract } from '../../../../../test/contract/consensus.contract.js';
import { polybftChain } from '../../../../../test/support/chain-builder/index.js';
import { readBackup } from '../../../../../test/support/fixtures.js';
import { readGenesisText } from '../../../../../test/support/genesis-texts.js';
import { concatBytes } from '../../../../common/bytes.js';
import { BlockchainError } from '../../blockchain.errors.js';
import { decodeBlock } from '../../codec/block.codec.js';
import { parseGenesis } from '../../genesis/parse-genesis.js';
import type { Header } from '../../ports/types.js';
import { createConsensus } from '../create-consensus.js';
import { decodePolybftExtra } from './extra.js';

type Items = NestedUint8Array;

const consensus = createConsensus(parseGenesis(readGenesisText('polybft')));
const headers = readBackup('polybft').blocks.map((raw) => decodeBlock(raw).header);

function headerAt(number: number): Header {
  const header = headers[number];
  if (header === undefined) throw new Error(`no block ${number}`);
  return header;
}

const [genesis, header] = [headerAt(0), headerAt(10)];
const hash = consensus.headerHash(header);

const itemsOf = (of: Header) => RLP.decode(of.extraData.subarray(32)) as Items;

function withItems(of: Header, change: (items: Items) => void, vanity = new Uint8Array(32)): Header {
  const items = itemsOf(of);
  change(items);
  return { ...of, extraData: concatBytes([vanity, RLP.encode(items)]) };
}

function failureOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof BlockchainError) return error.code;
    throw error;
  }
}

const bytes = (length: number) => new Uint8Array(length).fill(1);

consensusContract('polybft', {
  build: async () => {
    const chain = (await polybftChain({ epochSize: 3, validators: [3n, 1n, 1n, 2n] })).grow(2);
    chain.seal({ delta: { added: [chain.newKey()], removed: [1] } });
    chain.grow(5);
    const [first] = chain.set;
    if (first === undefined) throw new Error('no validator');
    chain.seal({ delta: { updated: [{ ...first, votingPower: 5n }] } });
    return chain.grow(3);
  },
  faults: {
    header: { difficulty: 0n },
    rule: 'polybft.difficulty',
    build: async () => {
      const chain = (await polybftChain()).grow(3);
      chain.seal({ signers: chain.set.slice(0, 2) });
      return chain;
    },
    judgedBy: 'polybft.committed-quorum',
  },
});

describe('the header hash', () => {
  it.each<[string, Header]>([
    ['the committed signature', withItems(header, (items) => items.splice(2, 1, [bytes(64), bytes(1)]))],
    ['the vanity', withItems(header, () => undefined, bytes(32))],
  ])('does not cover %s', (_, changed) => {
    expect(consensus.headerHash(changed)).toEqual(hash);
  });

  it.each<[string, Header]>([
    ['mixHash', { ...header, mixHash: new Uint8Array(32) }],
    ['nonce', { ...header, nonce: bytes(8) }],
    ['baseFee', { ...header, baseFee: 1n }],
    ['the parent signature', withItems(header, (items) => items.splice(1, 1, [bytes(64), bytes(1)]))],
    ['the checkpoint', withItems(header, (items) => items.splice(3, 1, []))],
    ['the validators', withItems(header, (items) => items.splice(0, 1, [[], [], bytes(1)]))],
  ])('covers %s', (_, changed) => {
    expect(consensus.headerHash(changed)).not.toEqual(hash);
  });
});

describe('the extra', () => {
  const account = (...changes: [number, Uint8Array | Items][]): Items => {
    const fields: Items = [bytes(20), bytes(128), Uint8Array.of(9), Uint8Array.of(1)];
    for (const [index, value] of changes) fields[index] = value;
    return fields;
  };
  const checkpoint = (...changes: [number, Uint8Array | Items][]): Items => {
    const fields: Items = [new Uint8Array(), Uint8Array.of(1), bytes(32), bytes(32), bytes(32)];
    for (const [index, value] of changes) fields[index] = value;
    return fields;
  };

  it('gives its items as they stand', () => {
    const extra = decodePolybftExtra(genesis.extraData, 0);
    expect([extra.parent, extra.committed]).toEqual([Uint8Array.of(0xc0), Uint8Array.of(0xc0)]);
    expect(RLP.encode(itemsOf(genesis)[0] as Items)).toEqual(extra.validators);
  });

  it.each<[string, number, Items]>([
    ['no change of the set', 0, []],
    ['an added, inactive validator', 0, [[account([3, new Uint8Array()])], [], new Uint8Array()]],
    ['no checkpoint', 3, []],
    ['a checkpoint', 3, checkpoint()],
  ])('takes %s', (_, index, item) => {
    expect(
      failureOf(() => consensus.headerHash(withItems(header, (items) => items.splice(index, 1, item)))),
    ).toBeUndefined();
  });

  it.each<[string, number, Uint8Array | Items]>([
    ['an item that is a string', 0, new Uint8Array()],
    ['a change of two items', 0, [[], []]],
    ['a change of four items', 0, [[], [], new Uint8Array(), new Uint8Array()]],
    ['an address of 19 bytes', 0, [[account([0, bytes(19)])], [], new Uint8Array()]],
    ['a BLS key of 127 bytes', 0, [[], [account([1, bytes(127)])], new Uint8Array()]],
    ['voting power with leading zeros', 0, [[account([2, Uint8Array.of(0, 1)])], [], new Uint8Array()]],
    ['isActive of 2', 0, [[account([3, Uint8Array.of(2)])], [], new Uint8Array()]],
    ['an account of five items', 0, [[[...account(), new Uint8Array()]], [], new Uint8Array()]],
    ['a signature of one item', 1, [bytes(64)]],
    ['a signature of three items', 2, [bytes(64), bytes(1), bytes(1)]],
    ['a checkpoint of four items', 3, checkpoint().slice(0, 4)],
    ['a checkpoint of six items', 3, [...checkpoint(), new Uint8Array()]],
    ['a checkpoint hash of 31 bytes', 3, checkpoint([4, bytes(31)])],
    ['a round of 9 bytes', 3, checkpoint([0, bytes(9)])],
  ])('refuses %s', (_, index, item) => {
    const changed = withItems(header, (items) => items.splice(index, 1, item));
    expect(failureOf(() => consensus.headerHash(changed))).toBe('BLOCKCHAIN.BAD_EXTRA');
  });

  it.each<[string, Header]>([
    ['31 bytes', { ...header, extraData: new Uint8Array(31) }],
    ['three items', withItems(header, (items) => items.pop())],
    ['five items', withItems(header, (items) => items.push([]))],
    ['bytes behind the list', { ...header, extraData: concatBytes([header.extraData, Uint8Array.of(0)]) }],
  ])('refuses %s', (_, changed) => {
    expect(failureOf(() => consensus.headerHash(changed))).toBe('BLOCKCHAIN.BAD_EXTRA');
  });

  it('takes any bytes and fails only with its code', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.integer({ min: 0, max: 255 }), (index, byte) => {
        const extraData = header.extraData.with(index % header.extraData.length, byte);
        const failure = failureOf(() => consensus.headerHash({ ...header, extraData }));
        expect([undefined, 'BLOCKCHAIN.BAD_EXTRA']).toContain(failure);
      }),
    );
  });
});
