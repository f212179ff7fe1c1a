import { bigEndian } from '../../../common/bytes.js';
import { recoverAddress } from '../crypto/address.js';
import { keccak256 } from '../crypto/keccak.js';
import { encodeUint } from '../rlp/rlp.js';
import { encodeForSigning, type Transaction, TransactionType } from './transaction.codec.js';

const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const HALF_ORDER = CURVE_ORDER / 2n;
const WORD_BYTES = 32;
const EMPTY_LIST = Uint8Array.of(0xc0);
const EMPTY_STRING = Uint8Array.of(0x80);
const FIRST_EIP155_V = 35n;
const FIRST_FRONTIER_V = 27n;

interface Signed {
  readonly digest: Uint8Array;
  /** 0 or 1 when the signature is of this form. */
  readonly parity: bigint;
  readonly maxS: bigint;
}

/**
 * Who sent a transaction; undefined when its signature belongs to nobody. Assumes the forks homestead and EIP155.
 * As in Go, the chain ID that is hashed is the chain's, not the one the transaction carries.
 * @see polygon-edge@597a0f3 crypto/txsigner_london.go Sender, crypto/txsigner_eip155.go Sender
 */
export function recoverSender(transaction: Transaction, chainId: number): Uint8Array | undefined {
  if (transaction.type === TransactionType.STATE) return transaction.from;
  const { r, s } = transaction;
  const { digest, parity, maxS } = signedForm(transaction, chainId);
  if (parity !== 0n && parity !== 1n) return undefined;
  if (r < 1n || r >= CURVE_ORDER || s < 1n || s > maxS) return undefined;
  const seal = new Uint8Array(65);
  seal.set(bigEndian(r, WORD_BYTES));
  seal.set(bigEndian(s, WORD_BYTES), WORD_BYTES);
  seal[64] = Number(parity);
  return recoverAddress(digest, seal);
}

function signedForm(transaction: Exclude<Transaction, { type: 0x7f }>, chainId: number): Signed {
  if (transaction.type === TransactionType.DYNAMIC_FEE) {
    const digest = keccak256(
      Uint8Array.of(TransactionType.DYNAMIC_FEE),
      encodeForSigning(transaction, chainId, [EMPTY_LIST]),
    );
    return { digest, parity: transaction.v, maxS: HALF_ORDER };
  }
  const frontierParity = transaction.v - FIRST_FRONTIER_V;
  if (frontierParity === 0n || frontierParity === 1n) {
    const digest = keccak256(encodeForSigning(transaction, chainId, []));
    return { digest, parity: frontierParity, maxS: CURVE_ORDER - 1n };
  }
  const protection = [encodeUint(chainId), EMPTY_STRING, EMPTY_STRING];
  const digest = keccak256(encodeForSigning(transaction, chainId, chainId === 0 ? [] : protection));
  return { digest, parity: transaction.v - FIRST_EIP155_V - 2n * BigInt(chainId), maxS: HALF_ORDER };
}
