import { type NestedUint8Array, RLP } from '@ethereumjs/rlp';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readBackup } from '../../../../test/support/fixtures.js';
import { toHex } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { keccak256 } from '../crypto/keccak.js';
import {
  decodeBlock,
  EMPTY_UNCLES_HASH,
  encodeBlock,
  genesisBlock,
  rawHeaderOf,
  rawUnclesOf,
} from './block.codec.js';
import { decodeHeader, encodeHeader } from './header.codec.js';
import { decodeTransaction } from './transaction.codec.js';

type Items = NestedUint8Array;

const posBlocks = readBackup('ibft-pos').blocks;
const polybftBlocks = readBackup('polybft').blocks;

function blockWith(type: number): Uint8Array {
  const raw = [...posBlocks, ...polybftBlocks].find((candidate) =>
    decodeBlock(candidate).transactions.some((transaction) => transaction.type === type),
  );
  if (raw === undefined) throw new Error(`no recorded block has a transaction of type ${type}`);
  return raw;
}

const withLegacy = blockWith(0);
const withDynamicFee = blockWith(2);
const withState = blockWith(0x7f);

function list(items: Items, ...path: number[]): Items {
  const found = path.reduce<unknown>((inner, index) => (inner as Items)[index], items);
  if (!Array.isArray(found)) throw new Error(`no list at ${path.join('.')}`);
  return found as Items;
}

/** Where the first list behind the type byte of `type` stands in the list of transactions. */
function transactionIndex(items: Items, type: number): number {
  const flat = list(items, 1);
  const isType = (item: unknown) => item instanceof Uint8Array && item[0] === type;
  return type === 0
    ? flat.findIndex((item, index) => Array.isArray(item) && !(flat[index - 1] instanceof Uint8Array))
    : flat.findIndex(isType) + 1;
}

/** The block as another implementation encodes it after a change. */
function changed(raw: Uint8Array, change: (items: Items) => void): Uint8Array {
  const items = RLP.decode(raw) as Items;
  change(items);
  return RLP.encode(items);
}

function failureOf(raw: Uint8Array): BlockchainError['detail'] | undefined {
  try {
    decodeBlock(raw);
    return undefined;
  } catch (error) {
    if (error instanceof BlockchainError) return error.detail;
    throw error;
  }
}

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('decodeBlock', () => {
  it('finds the transactions of every type', () => {
    expect(decodeBlock(withDynamicFee).transactions.map(({ type }) => type)).toContain(2);
    expect(decodeBlock(withState).transactions.map(({ type }) => type)).toContain(0x7f);
    expect(decodeBlock(withLegacy).transactions.map(({ type }) => type)).toContain(0);
  });

  interface Case {
    name: string;
    base?: Uint8Array;
    change: (items: Items) => void;
  }
  const setHeader = (index: number, value: Uint8Array | Items) => (items: Items) => {
    list(items, 0)[index] = value;
  };
  const setField = (type: number, index: number, value: Uint8Array | Items) => (items: Items) => {
    list(items, 1, transactionIndex(items, type))[index] = value;
  };

  it.each<Case>([
    { name: 'a fourth item', change: (items) => items.push([]) },
    { name: 'a 17th header item', change: (items) => list(items, 0).push(bytes()) },
    { name: 'a header of 15 items', change: (items) => list(items, 0).pop() },
    { name: 'a nonce of 7 bytes', change: setHeader(14, new Uint8Array(7)) },
    { name: 'an empty nonce', change: setHeader(14, bytes()) },
    { name: 'gas with leading zeros', change: setHeader(9, bytes(0, 1)) },
    { name: 'a base fee of one zero byte', change: setHeader(15, bytes(0)) },
    { name: 'an uncle of 15 items', change: (items) => list(items, 2).push(list(items, 0).slice(0, 15)) },
    { name: 'an access list', base: withDynamicFee, change: setField(2, 8, [[new Uint8Array(20), []]]) },
    { name: 'an access list that is a string', base: withDynamicFee, change: setField(2, 8, bytes()) },
    { name: 'a recipient of 19 bytes', base: withLegacy, change: setField(0, 3, new Uint8Array(19)) },
    { name: 'a recipient that is a list', base: withLegacy, change: setField(0, 3, []) },
    { name: 'a value with leading zeros', base: withLegacy, change: setField(0, 4, bytes(0, 1)) },
    { name: 'a sender of 19 bytes', base: withState, change: setField(0x7f, 9, new Uint8Array(19)) },
    { name: 'a sender that is a list', base: withState, change: setField(0x7f, 9, []) },
    {
      name: 'a legacy transaction with a type byte',
      base: withLegacy,
      change: (items) => list(items, 1).splice(transactionIndex(items, 0), 0, bytes(0)),
    },
  ])('calls what Go decodes but would write otherwise not canonical: $name', ({ base, change }) => {
    expect(failureOf(changed(base ?? withLegacy, change))?.code).toBe('BLOCKCHAIN.NOT_CANONICAL');
  });

  it('calls bytes behind the block not canonical, and names the block', () => {
    const { number } = decodeBlock(withLegacy).header;
    const detail = failureOf(Uint8Array.from([...withLegacy, 0x80]));
    expect(detail).toMatchObject({ code: 'BLOCKCHAIN.NOT_CANONICAL', number });
  });

  it('calls a long form of a length not canonical', () => {
    expect(failureOf(bytes(0xf8, 0x01, 0x80))).toMatchObject({ code: 'BLOCKCHAIN.NOT_CANONICAL' });
  });

  it.each<Case>([
    { name: 'two items', change: (items) => items.pop() },
    { name: 'a header of 14 items', change: (items) => list(items, 0).splice(14) },
    { name: 'a header that is a string', change: (items) => items.splice(0, 1, bytes(1)) },
    { name: 'transactions that are a string', change: (items) => items.splice(1, 1, bytes(1)) },
    { name: 'uncles that are a string', change: (items) => items.splice(2, 1, bytes(1)) },
    { name: 'an uncle that is a string', change: (items) => list(items, 2).push(bytes(1)) },
    { name: 'a parent hash of 31 bytes', change: setHeader(0, new Uint8Array(31)) },
    { name: 'a bloom of 255 bytes', change: setHeader(6, new Uint8Array(255)) },
    { name: 'a nonce of 9 bytes', change: setHeader(14, new Uint8Array(9)) },
    { name: 'a nonce that is a list', change: setHeader(14, []) },
    { name: 'a number above 2^53-1', change: setHeader(8, bytes(0x20, 0, 0, 0, 0, 0, 0)) },
    { name: 'a gas limit of 9 bytes', change: setHeader(9, new Uint8Array(9).fill(1)) },
    { name: 'a type without transaction', change: (items) => list(items, 1).push(bytes(2)) },
    { name: 'a type of two bytes', change: (items) => list(items, 1).push(bytes(2, 2), []) },
    { name: 'an empty type', change: (items) => list(items, 1).push(bytes(), []) },
    { name: 'two types in a row', change: (items) => list(items, 1).push(bytes(2), bytes(2)) },
    {
      name: 'one item too few in a legacy transaction',
      base: withLegacy,
      change: (items) => list(items, 1, transactionIndex(items, 0)).pop(),
    },
    {
      name: 'one item too many in a legacy transaction',
      base: withLegacy,
      change: (items) => list(items, 1, transactionIndex(items, 0)).push(bytes()),
    },
    {
      name: 'one item too many in a dynamic fee transaction',
      base: withDynamicFee,
      change: (items) => list(items, 1, transactionIndex(items, 2)).push(bytes()),
    },
    { name: 'a value of 33 bytes', base: withLegacy, change: setField(0, 4, new Uint8Array(33).fill(1)) },
    { name: 'an input that is a list', base: withLegacy, change: setField(0, 5, []) },
  ])('refuses what Go cannot decode: $name', ({ base, change }) => {
    expect(failureOf(changed(base ?? withLegacy, change))?.code).toBe('BLOCKCHAIN.UNDECODABLE');
  });

  it.each([1, 3, 0x7e, 0xff])('refuses transactions of the unknown type %i', (type) => {
    const detail = failureOf(changed(withLegacy, (items) => list(items, 1).push(bytes(type), [])));
    expect(detail).toMatchObject({
      code: 'BLOCKCHAIN.UNDECODABLE',
      number: decodeBlock(withLegacy).header.number,
      reason: `unknown transaction type: ${type}`,
    });
  });

  it.each([withLegacy, withDynamicFee, withState])('says how much gas each transaction may use', (raw) => {
    const { transactions } = decodeBlock(raw);
    expect(transactions.map(({ gas }) => gas)).toEqual(
      transactions.map((each) => decodeTransaction(each).gas),
    );
  });

  it('takes uncles, and gives the list that their hash is made of', () => {
    const raw = changed(withLegacy, (items) => list(items, 2).push(list(items, 0)));
    expect(decodeBlock(raw).header).toEqual(decodeBlock(withLegacy).header);
    expect(toHex(rawUnclesOf(raw))).toBe(toHex(RLP.encode([list(RLP.decode(raw) as Items, 0)])));
    expect(keccak256(rawUnclesOf(withLegacy))).toEqual(EMPTY_UNCLES_HASH);
    expect(toHex(EMPTY_UNCLES_HASH)).toBe(
      '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347',
    );
  });

  it('takes any bytes, fails only with its two codes, and what it takes it would write the same', () => {
    const damaged = fc.constantFrom(withLegacy, withDynamicFee, withState).chain((raw) =>
      fc
        .array(fc.tuple(fc.nat(raw.length - 1), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 3,
        })
        .map((changes) => {
          const copy = Uint8Array.from(raw);
          for (const [index, byte] of changes) copy[index] = byte;
          return copy;
        }),
    );
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      damaged,
      fc.nat(withLegacy.length).map((length) => withLegacy.subarray(0, length)),
    );
    let taken = 0;
    fc.assert(
      fc.property(anything, (raw) => {
        const detail = failureOf(raw);
        if (detail !== undefined) {
          expect(['BLOCKCHAIN.UNDECODABLE', 'BLOCKCHAIN.NOT_CANONICAL']).toContain(detail.code);
          return;
        }
        taken++;
        expect(Buffer.compare(encodeBlock(decodeBlock(raw)), raw)).toBe(0);
      }),
      { numRuns: 1_000 },
    );
    expect(taken).toBeGreaterThan(0);
  });
});

describe('headers', () => {
  it('stand in the block as they are stored', () => {
    const { header } = decodeBlock(withLegacy);
    const raw = rawHeaderOf(withLegacy);
    expect(decodeHeader(raw)).toEqual(header);
    expect(Buffer.compare(encodeHeader(header), raw)).toBe(0);
  });

  it.each([
    ['cut off', (raw: Uint8Array) => raw.subarray(0, raw.length - 1)],
    ['followed by more', (raw: Uint8Array) => Uint8Array.from([...raw, 0])],
    ['of 15 items', (raw: Uint8Array) => RLP.encode((RLP.decode(raw) as Items).slice(0, 15))],
  ])('are refused when %s', (_, damage) => {
    expect(() => decodeHeader(damage(rawHeaderOf(withLegacy)))).toThrow(
      expect.objectContaining({ code: 'BLOCKCHAIN.UNDECODABLE' }),
    );
  });

  it('make up the genesis block with two empty lists', () => {
    const [first = new Uint8Array()] = posBlocks;
    expect(Buffer.compare(genesisBlock(decodeBlock(first).header), first)).toBe(0);
  });
});
