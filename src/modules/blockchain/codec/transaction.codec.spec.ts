import { createMPT } from '@ethereumjs/mpt';
import { type NestedUint8Array, RLP } from '@ethereumjs/rlp';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { concatBytes, toHex } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { addressOf } from '../crypto/address.js';
import { keccak256 } from '../crypto/keccak.js';
import { publicKeyOf, signRecoverable } from '../crypto/secp256k1.js';
import {
  decodeTransaction,
  TransactionType,
  transactionHash,
  transactionsRoot,
} from './transaction.codec.js';
import { recoverSender } from './transaction-sender.js';

type EncodedTransaction = Parameters<typeof decodeTransaction>[0];

const CHAIN_ID = 4101;
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const key = new Uint8Array(32).fill(7);
const sender = addressOf(publicKeyOf(key, false));
const to = new Uint8Array(20).fill(0xaa);
const input = Uint8Array.of(1, 2, 3);

const bigOf = (bytes: Uint8Array) => BigInt(toHex(bytes));

function sign(digest: Uint8Array): { r: bigint; s: bigint; parity: number } {
  const seal = signRecoverable(digest, key);
  return { r: bigOf(seal.subarray(0, 32)), s: bigOf(seal.subarray(32, 64)), parity: seal[64] ?? 0 };
}

/** Encoded by another implementation; `form` says what is signed and how v is made. */
function legacy(form: 'EIP-155' | 'frontier'): EncodedTransaction {
  const call = [1n, 2n, 21_000n, to, 5n, input];
  const isProtected = form === 'EIP-155';
  const { r, s, parity } = sign(keccak256(RLP.encode(isProtected ? [...call, CHAIN_ID, 0, 0] : call)));
  const v = isProtected ? 35 + 2 * CHAIN_ID + parity : 27 + parity;
  return { type: TransactionType.LEGACY, rlp: RLP.encode([...call, v, r, s]) };
}

const dynamicCall = [1n, 2n, 3n, 21_000n, new Uint8Array(), 5n, input, []];

function dynamicFee(): EncodedTransaction {
  const { r, s, parity } = sign(keccak256(Uint8Array.of(2), RLP.encode([CHAIN_ID, ...dynamicCall])));
  return { type: TransactionType.DYNAMIC_FEE, rlp: RLP.encode([CHAIN_ID, ...dynamicCall, parity, r, s]) };
}

const state: EncodedTransaction = {
  type: TransactionType.STATE,
  rlp: RLP.encode([0, 0, 1_000_000, to, 0, input, 0, 0, 0, to]),
};

describe('decodeTransaction', () => {
  it('gives the fields of a legacy transaction', () => {
    expect(decodeTransaction(legacy('EIP-155'))).toMatchObject({
      type: 0,
      nonce: 1n,
      gasPrice: 2n,
      gas: 21_000n,
      to,
      value: 5n,
      input,
    });
  });

  it('gives the fields of a dynamic fee transaction, here one that creates a contract', () => {
    const transaction = decodeTransaction(dynamicFee());
    expect(transaction).toMatchObject({ type: 2, chainId: 4101n, nonce: 1n, gasTipCap: 2n, gasFeeCap: 3n });
    expect(transaction.to).toBeUndefined();
  });

  it('gives the fields of a state transaction', () => {
    expect(decodeTransaction(state)).toMatchObject({
      type: 0x7f,
      gas: 1_000_000n,
      from: to,
      v: 0n,
      r: 0n,
      s: 0n,
    });
  });

  it.each<[string, EncodedTransaction]>([
    ['an unknown type', { type: 1, rlp: state.rlp }],
    ['no list', { type: 0, rlp: Uint8Array.of(0x80) }],
    ['nothing', { type: 0, rlp: new Uint8Array() }],
    ['bytes behind it', { type: 0x7f, rlp: concatBytes([state.rlp, Uint8Array.of(0)]) }],
  ])('refuses %s', (_, raw) => {
    expect(() => decodeTransaction(raw)).toThrow(expect.objectContaining({ code: 'BLOCKCHAIN.UNDECODABLE' }));
  });

  it('takes any bytes and fails only with its code', () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 2, 0x7f, 1), fc.uint8Array({ maxLength: 120 }), (type, rlp) => {
        try {
          decodeTransaction({ type, rlp });
        } catch (error) {
          expect(error).toBeInstanceOf(BlockchainError);
          expect(error).toMatchObject({ code: 'BLOCKCHAIN.UNDECODABLE' });
        }
      }),
    );
  });
});

describe('hash and root', () => {
  const all = [legacy('EIP-155'), dynamicFee(), state];
  const withoutChainId = (raw: EncodedTransaction): Uint8Array => {
    const items = RLP.decode(raw.rlp) as NestedUint8Array;
    return RLP.encode([new Uint8Array(), ...items.slice(1)]);
  };
  const forms: Record<string, Uint8Array[]> = {
    true: all.map(({ type, rlp }) => (type === 0 ? rlp : concatBytes([Uint8Array.of(type), rlp]))),
    false: all.map((raw) => (raw.type === TransactionType.DYNAMIC_FEE ? withoutChainId(raw) : raw.rlp)),
  };

  it.each([true, false])('are made of the form for hashWithType %s', async (hashWithType) => {
    const expected = forms[`${hashWithType}`] ?? [];
    expect(all.map((raw) => toHex(transactionHash(raw, { hashWithType })))).toEqual(
      expected.map((form) => toHex(keccak256(form))),
    );
    const trie = await createMPT();
    for (const [index, form] of expected.entries()) await trie.put(RLP.encode(index), form);
    expect(toHex(transactionsRoot(all, { hashWithType }))).toBe(toHex(trie.root()));
  });
});

describe('recoverSender', () => {
  it.each<[string, EncodedTransaction, Uint8Array]>([
    ['a protected legacy transaction', legacy('EIP-155'), sender],
    ['one from before EIP-155', legacy('frontier'), sender],
    ['a dynamic fee transaction', dynamicFee(), sender],
    ['a state transaction', state, to],
  ])('names who sent %s', (_, raw, expected) => {
    expect(recoverSender(decodeTransaction(raw), CHAIN_ID)).toEqual(expected);
  });

  it('hashes the chain ID of the chain, not of the transaction', () => {
    const transaction = decodeTransaction(dynamicFee());
    expect(recoverSender(transaction, CHAIN_ID + 1)).not.toEqual(sender);
    expect(recoverSender({ ...transaction, chainId: 1n } as typeof transaction, CHAIN_ID)).toEqual(sender);
  });

  it('leaves the chain ID out where it is 0', () => {
    const call = [1n, 2n, 21_000n, to, 5n, input];
    const { r, s, parity } = sign(keccak256(RLP.encode(call)));
    const raw = { type: 0, rlp: RLP.encode([...call, 35 + parity, r, s]) };
    expect(recoverSender(decodeTransaction(raw), 0)).toEqual(sender);
  });

  const protectedOne = decodeTransaction(legacy('EIP-155'));
  const oldOne = decodeTransaction(legacy('frontier'));
  const dynamicOne = decodeTransaction(dynamicFee());

  it.each([
    ['r is 0', { ...protectedOne, r: 0n }],
    ['r is the group order', { ...protectedOne, r: CURVE_ORDER }],
    ['s is 0', { ...dynamicOne, s: 0n }],
    ['s is in the upper half', { ...dynamicOne, s: CURVE_ORDER - dynamicOne.s }],
    ['v is of another chain', { ...protectedOne, v: protectedOne.v + 2n }],
    ['v is neither 0 nor 1', { ...dynamicOne, v: 2n }],
    ['v is negative after the protection', { ...protectedOne, v: 0n }],
  ])('names nobody when %s', (_, transaction) => {
    expect(recoverSender(transaction, CHAIN_ID)).toBeUndefined();
  });

  it('takes s of the upper half before EIP-155, as Go does', () => {
    const other = { ...oldOne, s: CURVE_ORDER - oldOne.s, v: oldOne.v === 27n ? 28n : 27n };
    expect(recoverSender(other, CHAIN_ID)).toEqual(sender);
  });
});
