import { BlockchainError } from '../blockchain.errors.js';
import { RlpReader, readRlp } from '../rlp/rlp.js';
import { type EncodedTransaction, type TransactionRules, TransactionType } from './transaction.codec.js';

const FIRST_LIST = 0xc0;
const DYNAMIC_FEE_ITEMS = 12;
const STATE_ITEMS = 10;

/**
 * The transaction in what its hash is of. Before the fork `txHashWithType` no type stands there, but each type has another
 * number of items; and a dynamic fee transaction has the chain ID 0.
 * @throws {BlockchainError} BLOCKCHAIN.UNDECODABLE
 */
export function readHashedForm(bytes: Uint8Array, { hashWithType }: TransactionRules): EncodedTransaction {
  const [type = 0] = bytes;
  if (hashWithType && type < FIRST_LIST) return { type, rlp: bytes.subarray(1) };
  return { type: hashWithType ? TransactionType.LEGACY : typeOf(bytes), rlp: bytes };
}

function typeOf(rlp: Uint8Array): number {
  const count = readRlp(
    () => countItems(new RlpReader(rlp).readList()),
    (cause) => new BlockchainError({ code: 'BLOCKCHAIN.UNDECODABLE', reason: cause.message }, cause),
  );
  if (count === DYNAMIC_FEE_ITEMS) return TransactionType.DYNAMIC_FEE;
  return count === STATE_ITEMS ? TransactionType.STATE : TransactionType.LEGACY;
}

function countItems(items: RlpReader): number {
  let count = 0;
  for (; !items.isAtEnd; count++) items.readRaw();
  return count;
}
