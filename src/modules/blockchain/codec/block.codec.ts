import { BlockchainError } from '../blockchain.errors.js';
import { keccak256 } from '../crypto/keccak.js';
import type { Block, Header, RawTransaction } from '../ports/types.js';
import { encodeBytes, encodeList, RlpError, RlpReader, readRlp } from '../rlp/rlp.js';
import { encodeHeader, readHeader } from './header.codec.js';
import { readTransaction, readTransactionType } from './transaction.codec.js';

const EMPTY_LIST = Uint8Array.of(0xc0);
/** Position of the number among a header's items. */
const NUMBER_ITEM = 8;
const HASH_BYTES = 32;

/** `sha3Uncles` of a block without uncles. */
export const EMPTY_UNCLES_HASH = keccak256(EMPTY_LIST);

/**
 * A block from outside. What it gives out are views of `raw`.
 * @throws {BlockchainError} BLOCKCHAIN.UNDECODABLE, or BLOCKCHAIN.NOT_CANONICAL where Go decodes the bytes but would
 * write others: more items than needed, integers or lengths with leading zeros, a header without base fee, an access
 * list that is not empty, a recipient of other than 0 or 20 bytes, bytes behind the block
 * @see polygon-edge@597a0f3 types/rlp_unmarshal.go Block.unmarshalRLPFrom
 */
export function decodeBlock(raw: Uint8Array): Block {
  let number: number | undefined;
  const read = (): Block => {
    const outer = new RlpReader(raw);
    const items = outer.readList();
    const header = readHeader(items);
    number = header.number;
    const transactions = readTransactions(items.readList());
    const uncles = items.readList();
    while (!uncles.isAtEnd) readHeader(uncles);
    items.expectEnd('list of uncles');
    outer.expectEnd('block');
    return { header, transactions, raw };
  };
  return readRlp(read, (cause) => blockError(cause, number));
}

/** A typed transaction is two items in a row: its type as one byte, then its list. */
function readTransactions(items: RlpReader): RawTransaction[] {
  const transactions: RawTransaction[] = [];
  while (!items.isAtEnd) {
    const type = items.nextIsList ? 0 : readTransactionType(items);
    const rlp = items.readRaw();
    const { gas } = readTransaction({ type, rlp });
    transactions.push({ type, rlp, gas });
  }
  return transactions;
}

function blockError(cause: RlpError, number: number | undefined): BlockchainError {
  const at = number === undefined ? {} : { number };
  const code = cause.fault === 'not canonical' ? 'BLOCKCHAIN.NOT_CANONICAL' : 'BLOCKCHAIN.UNDECODABLE';
  return new BlockchainError({ code, ...at, reason: cause.message }, cause);
}

/** The number in the header of what may be a block; undefined where none can be read. Nothing else is looked at. */
export function numberOf(raw: Uint8Array): number | undefined {
  return peekHeader(raw, (header) => {
    for (let item = 0; item < NUMBER_ITEM; item++) header.readRaw();
    return header.readSafeUint();
  });
}

/** The same for the parent's hash, as a view. */
export function parentHashOf(raw: Uint8Array): Uint8Array | undefined {
  return peekHeader(raw, (header) => header.readFixed(HASH_BYTES));
}

function peekHeader<T>(raw: Uint8Array, read: (header: RlpReader) => T): T | undefined {
  try {
    return read(new RlpReader(raw).readList().readList());
  } catch (error) {
    if (error instanceof RlpError) return undefined;
    throw error;
  }
}

/** How many transactions canonical block RLP has. */
export function transactionCountOf(raw: Uint8Array): number {
  const items = new RlpReader(raw).readList();
  items.readRaw();
  const transactions = items.readList();
  let count = 0;
  while (!transactions.isAtEnd) if ((transactions.readRaw()[0] ?? 0) >= 0xc0) count += 1;
  return count;
}

/** RLP of the header inside canonical block RLP, as a view. */
export function rawHeaderOf(raw: Uint8Array): Uint8Array {
  return new RlpReader(raw).readList().readRaw();
}

/** RLP of the list of uncles inside canonical block RLP, as a view; its keccak is the header's `sha3Uncles`. */
export function rawUnclesOf(raw: Uint8Array): Uint8Array {
  const items = new RlpReader(raw).readList();
  items.readRaw();
  items.readRaw();
  return items.readRaw();
}

/** Canonical RLP of a block without uncles. @see polygon-edge@597a0f3 types/rlp_marshal.go Block.MarshalRLPWith */
export function encodeBlock(block: {
  readonly header: Header;
  readonly transactions: readonly Omit<RawTransaction, 'gas'>[];
}): Uint8Array {
  const transactions = block.transactions.flatMap(({ type, rlp }) =>
    type === 0 ? [rlp] : [encodeBytes(Uint8Array.of(type)), rlp],
  );
  return encodeList([encodeHeader(block.header), encodeList(transactions), EMPTY_LIST]);
}

/** Block 0 has nothing but its header. */
export function genesisBlock(header: Header): Uint8Array {
  return encodeBlock({ header, transactions: [] });
}
