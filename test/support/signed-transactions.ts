import { toHex } from '../../src/common/bytes.js';
import {
  type DynamicFeeTransaction,
  encodeForSigning,
  type LegacyTransaction,
  type Transaction,
  TransactionType,
} from '../../src/modules/blockchain/codec/transaction.codec.js';
import { writeEnvelope } from '../../src/modules/blockchain/codec/transaction-envelope.js';
import { addressOf } from '../../src/modules/blockchain/crypto/address.js';
import { keccak256 } from '../../src/modules/blockchain/crypto/keccak.js';
import { publicKeyOf, signRecoverable } from '../../src/modules/blockchain/crypto/secp256k1.js';
import type { RawTransaction } from '../../src/modules/blockchain/ports/types.js';
import { encodeUint } from '../../src/modules/blockchain/rlp/rlp.js';
import { secret } from './chain-builder/index.js';

const EMPTY_LIST = Uint8Array.of(0xc0);
const EMPTY_STRING = Uint8Array.of(0x80);
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

type Fields = Omit<LegacyTransaction, 'type'> & Omit<DynamicFeeTransaction, 'type' | 'chainId'>;

export interface SignedOptions extends Partial<Fields> {
  readonly type?: 'legacy' | 'dynamic';
  /** Of the chain that is signed for; `none` is the form before EIP-155. */
  readonly chainId?: number | 'none';
  /** Who signs. */
  readonly seed?: string;
  /** Changes the signature after signing. */
  readonly tamper?: (signature: Signature) => Signature;
}

interface Signature {
  readonly v: bigint;
  readonly r: bigint;
  readonly s: bigint;
}

export interface SignedTransaction {
  /** EIP-2718 form. */
  readonly raw: Uint8Array;
  /** As it stands in a block. */
  readonly inBlock: RawTransaction;
  readonly hash: string;
  readonly sender: string;
}

/** The other signature of the same key over the same. */
export const highS = ({ v, r, s }: Signature): Signature => ({
  v: v >= 27n ? (v % 2n === 1n ? v + 1n : v - 1n) : 1n - v,
  r,
  s: CURVE_ORDER - s,
});

/** A transfer that any chain takes, but for what the options say. */
export function aSigned(options: SignedOptions = {}): SignedTransaction {
  const { type = 'legacy', chainId = 7_332, seed = 'sender', tamper = (signature) => signature } = options;
  const unsigned = fieldsOf(options, type, chainId);
  const key = secret(seed);
  const protection = type === 'dynamic' ? [EMPTY_LIST] : protectionOf(chainId);
  const id = chainId === 'none' ? 0 : chainId;
  const form = encodeForSigning(unsigned, id, protection);
  const digest =
    type === 'dynamic' ? keccak256(Uint8Array.of(TransactionType.DYNAMIC_FEE), form) : keccak256(form);
  const seal = signRecoverable(digest, key);
  const parity = BigInt(seal[64] ?? 0);
  const word = (from: number) => BigInt(toHex(seal.subarray(from, from + 32)));
  const v =
    type === 'dynamic' ? parity : chainId === 'none' ? 27n + parity : 35n + 2n * BigInt(chainId) + parity;
  const { v: shownV, r, s } = tamper({ v, r: word(0), s: word(32) });
  const accessList = type === 'dynamic' ? [EMPTY_LIST] : [];
  const rlp = encodeForSigning(unsigned, id, [
    ...accessList,
    encodeUint(shownV),
    encodeUint(r),
    encodeUint(s),
  ]);
  const raw = writeEnvelope({ type: unsigned.type, rlp });
  return {
    raw,
    inBlock: { type: unsigned.type, rlp, gas: unsigned.gas },
    hash: toHex(keccak256(raw)),
    sender: toHex(addressOf(publicKeyOf(key, false))),
  };
}

function protectionOf(chainId: number | 'none'): Uint8Array[] {
  return chainId === 'none' ? [] : [encodeUint(chainId), EMPTY_STRING, EMPTY_STRING];
}

function fieldsOf(options: SignedOptions, type: 'legacy' | 'dynamic', chainId: number | 'none'): Transaction {
  const common = {
    nonce: 0n,
    gas: 21_000n,
    to: new Uint8Array(20).fill(0xee),
    value: 1n,
    input: new Uint8Array(),
    v: 0n,
    r: 0n,
    s: 0n,
    ...options,
  };
  if (type === 'legacy') return { gasPrice: 1_000_000_000n, ...common, type: TransactionType.LEGACY };
  return {
    gasTipCap: 1_000_000_000n,
    gasFeeCap: 3_000_000_000n,
    ...common,
    chainId: BigInt(chainId === 'none' ? 0 : chainId),
    type: TransactionType.DYNAMIC_FEE,
  };
}
