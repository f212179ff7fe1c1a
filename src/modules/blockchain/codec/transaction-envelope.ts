import { concatBytes } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { type EncodedTransaction, TransactionType } from './transaction.codec.js';

const FIRST_LIST = 0xc0;

/**
 * A transaction in EIP-2718 form, as it stands in gossip and JSON-RPC: whatever comes before a list is its type, which may
 * be none that we know. What is given out is a view.
 * @throws {BlockchainError} BLOCKCHAIN.UNDECODABLE without a byte | BLOCKCHAIN.NOT_CANONICAL for a legacy transaction with
 * a type byte, which no encoder writes
 */
export function readEnvelope(bytes: Uint8Array): EncodedTransaction {
  const [first] = bytes;
  if (first === undefined)
    throw new BlockchainError({ code: 'BLOCKCHAIN.UNDECODABLE', reason: 'transaction is empty' });
  if (first >= FIRST_LIST) return { type: TransactionType.LEGACY, rlp: bytes };
  if (first === TransactionType.LEGACY) {
    const reason = 'legacy transaction with a type byte';
    throw new BlockchainError({ code: 'BLOCKCHAIN.NOT_CANONICAL', reason });
  }
  return { type: first, rlp: bytes.subarray(1) };
}

/** The EIP-2718 form of a transaction. */
export function writeEnvelope({ type, rlp }: EncodedTransaction): Uint8Array {
  return type === TransactionType.LEGACY ? rlp : concatBytes([Uint8Array.of(type), rlp]);
}
