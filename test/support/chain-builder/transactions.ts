import {
  encodeForSigning,
  type LegacyTransaction,
  TransactionType,
} from '../../../src/modules/blockchain/codec/transaction.codec.js';
import { keccak256 } from '../../../src/modules/blockchain/crypto/keccak.js';
import { signRecoverable } from '../../../src/modules/blockchain/crypto/secp256k1.js';
import type { RawTransaction } from '../../../src/modules/blockchain/ports/types.js';
import { encodeUint } from '../../../src/modules/blockchain/rlp/rlp.js';
import { secret } from './keys.js';

const EMPTY_STRING = Uint8Array.of(0x80);
const FIRST_EIP155_V = 35n;

export interface TransferOptions {
  readonly chainId?: number;
  readonly firstNonce?: number;
  readonly seed?: string;
  /** The most that each may use; 21,000. */
  readonly gas?: bigint;
}

/** Signed legacy transfers of one sender, with rising nonces. */
export function transfers(count: number, options: TransferOptions = {}): RawTransaction[] {
  const { chainId = 7_331, firstNonce = 0, seed = 'sender', gas = 21_000n } = options;
  const key = secret(seed);
  return Array.from({ length: count }, (_, index) => {
    const call: LegacyTransaction = {
      type: TransactionType.LEGACY,
      nonce: BigInt(firstNonce + index),
      gasPrice: 1_000_000_000n,
      gas,
      to: new Uint8Array(20).fill(0xee),
      value: 1n,
      input: new Uint8Array(),
      v: 0n,
      r: 0n,
      s: 0n,
    };
    const protection = [encodeUint(chainId), EMPTY_STRING, EMPTY_STRING];
    const seal = signRecoverable(keccak256(encodeForSigning(call, chainId, protection)), key);
    const word = (from: number) => BigInt(`0x${Buffer.from(seal.subarray(from, from + 32)).toString('hex')}`);
    const v = FIRST_EIP155_V + 2n * BigInt(chainId) + BigInt(seal[64] ?? 0);
    const rest = [encodeUint(v), encodeUint(word(0)), encodeUint(word(32))];
    return { type: TransactionType.LEGACY, rlp: encodeForSigning(call, chainId, rest), gas };
  });
}
