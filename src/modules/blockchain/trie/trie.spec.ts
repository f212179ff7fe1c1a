import { createMPT } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toHex } from '../../../common/bytes.js';
import { keccak256 } from '../crypto/keccak.js';
import type { GenesisAccount } from '../genesis/chain-config.js';
import { stateRoot } from './state-root.js';
import { EMPTY_TRIE_ROOT, orderedTrieRoot, secureTrieRoot } from './trie.js';

type Entry = [key: Uint8Array, value: Uint8Array];

async function oracle(entries: readonly Entry[]): Promise<string> {
  const trie = await createMPT();
  for (const [key, value] of entries) await trie.put(key, value);
  return toHex(trie.root());
}

const value = fc.uint8Array({ minLength: 1, maxLength: 60 });

it('an empty trie has the root that every empty block carries', () => {
  expect(toHex(orderedTrieRoot([]))).toBe(
    '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421',
  );
  expect(secureTrieRoot([])).toEqual(EMPTY_TRIE_ROOT);
});

describe('orderedTrieRoot equals that of another implementation', () => {
  it.each([1, 2, 15, 16, 17, 127, 128, 129, 130, 300])('%i equal short values', async (count) => {
    const values = Array.from({ length: count }, () => Uint8Array.of(1));
    expect(toHex(orderedTrieRoot(values))).toBe(
      await oracle(values.map((item, index) => [RLP.encode(index), item])),
    );
  });

  it('any values', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(value, { maxLength: 150 }), async (values) => {
        const expected = await oracle(values.map((item, index) => [RLP.encode(index), item]));
        expect(toHex(orderedTrieRoot(values))).toBe(expected);
      }),
      { numRuns: 20 },
    );
  });
});

it('secureTrieRoot equals that of another implementation, in any order of the entries', async () => {
  const entries = fc.uniqueArray(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 32 }), value), {
    selector: ([key]) => toHex(key),
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(entries, async (list) => {
      const expected = await oracle(list.map(([key, item]) => [keccak256(key), item]));
      expect(toHex(secureTrieRoot(list))).toBe(expected);
      expect(toHex(secureTrieRoot(list.toReversed()))).toBe(expected);
    }),
    { numRuns: 30 },
  );
});

describe('stateRoot', () => {
  const slot = '00'.repeat(31);
  const word = (byte: number) => new Uint8Array(32).fill(byte, 31);
  const account = (changes: Partial<GenesisAccount>): GenesisAccount => ({
    balance: 0n,
    nonce: 0n,
    code: new Uint8Array(),
    storage: new Map(),
    ...changes,
  });

  it('holds accounts with code, nonce and storage', async () => {
    const full = account({
      balance: 7n,
      nonce: 300n,
      code: Uint8Array.of(0x60, 0x00),
      storage: new Map([
        [`${slot}01`, word(5)],
        [`${slot}02`, Uint8Array.from({ length: 32 }, (_, index) => index + 1)],
      ]),
    });
    const storage = await oracle([
      [keccak256(Buffer.from(`${slot}01`, 'hex')), RLP.encode(Uint8Array.of(5))],
      [
        keccak256(Buffer.from(`${slot}02`, 'hex')),
        RLP.encode(Uint8Array.from({ length: 32 }, (_, index) => index + 1)),
      ],
    ]);
    const expected = await oracle([
      [
        keccak256(Buffer.from('11'.repeat(20), 'hex')),
        RLP.encode([300n, 7n, Buffer.from(storage.slice(2), 'hex'), keccak256(Uint8Array.of(0x60, 0x00))]),
      ],
    ]);
    expect(toHex(stateRoot(new Map([['11'.repeat(20), full]])))).toBe(expected);
  });

  it('keeps an empty account, and drops a slot that holds zero', () => {
    const empty = stateRoot(new Map([['22'.repeat(20), account({})]]));
    expect(empty).not.toEqual(EMPTY_TRIE_ROOT);
    const zeroSlot = account({ storage: new Map([[`${slot}01`, word(0)]]) });
    expect(stateRoot(new Map([['22'.repeat(20), zeroSlot]]))).toEqual(empty);
  });
});
