import { concatBytes } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { keccak256 } from '../crypto/keccak.js';
import type { RawTransaction } from '../ports/types.js';
import { encodeBytes, encodeList, encodeUint, RlpError, RlpReader, readRlp } from '../rlp/rlp.js';
import { orderedTrieRoot } from '../trie/trie.js';

/** The first byte of a transaction's envelope. @see polygon-edge@597a0f3 types/transaction.go TxType */
export const TransactionType = { LEGACY: 0x00, DYNAMIC_FEE: 0x02, STATE: 0x7f } as const;

interface CommonFields {
  readonly nonce: bigint;
  readonly gas: bigint;
  /** 20 bytes; undefined when the transaction creates a contract. */
  readonly to: Uint8Array | undefined;
  readonly value: bigint;
  readonly input: Uint8Array;
  readonly v: bigint;
  readonly r: bigint;
  readonly s: bigint;
}

export interface LegacyTransaction extends CommonFields {
  readonly type: typeof TransactionType.LEGACY;
  readonly gasPrice: bigint;
}

export interface DynamicFeeTransaction extends CommonFields {
  readonly type: typeof TransactionType.DYNAMIC_FEE;
  readonly chainId: bigint;
  readonly gasTipCap: bigint;
  readonly gasFeeCap: bigint;
}

/** Written by PolyBFT proposers; unsigned. */
export interface StateTransaction extends CommonFields {
  readonly type: typeof TransactionType.STATE;
  readonly gasPrice: bigint;
  readonly from: Uint8Array;
}

/** A transaction whose fields were not read. */
export type EncodedTransaction = Omit<RawTransaction, 'gas'>;

export type Transaction = LegacyTransaction | DynamicFeeTransaction | StateTransaction;

/** Which form a transaction's hash and the root take at a height. */
export interface TransactionRules {
  /** Whether the fork `txHashWithType` is active. */
  readonly hashWithType: boolean;
}

const ADDRESS_BYTES = 20;
// Go bounds none of these numbers; none above 256 bits could ever be executed.
const NUMBER_BYTES = 32;
const EMPTY_STRING = Uint8Array.of(0x80);
const EMPTY_LIST = 0xc0;

/**
 * The type byte before a typed transaction inside a block.
 * @throws {RlpError}
 */
export function readTransactionType(items: RlpReader): number {
  const bytes = items.readBytes();
  const [type] = bytes;
  if (type === undefined || bytes.length !== 1) {
    throw new RlpError('malformed', `expected 1 byte transaction type, but size is ${bytes.length}`);
  }
  if (type === TransactionType.LEGACY)
    throw new RlpError('not canonical', 'legacy transaction with a type byte');
  if (type !== TransactionType.DYNAMIC_FEE && type !== TransactionType.STATE) {
    throw new RlpError('malformed', `unknown transaction type: ${type}`);
  }
  return type;
}

/**
 * Decodes, taking nothing but what an encoder would write.
 * @throws {RlpError}
 * @see polygon-edge@597a0f3 types/rlp_unmarshal.go Transaction.unmarshalRLPFrom
 */
export function readTransaction({ type, rlp }: EncodedTransaction): Transaction {
  const reader = new RlpReader(rlp);
  const items = reader.readList();
  const transaction = readFields(type, items);
  // Unlike a block or a header, a transaction with more items is refused by Go as well.
  if (!items.isAtEnd) throw new RlpError('malformed', 'transaction has too many items');
  reader.expectEnd('transaction');
  return transaction;
}

function readFields(type: number, items: RlpReader): Transaction {
  switch (type) {
    case TransactionType.LEGACY: {
      const nonce = items.readUint64();
      const gasPrice = items.readUint(NUMBER_BYTES);
      return { type, nonce, gasPrice, ...readCall(items), ...readSignature(items) };
    }
    case TransactionType.DYNAMIC_FEE: {
      const chainId = items.readUint(NUMBER_BYTES);
      const nonce = items.readUint64();
      const gasTipCap = items.readUint(NUMBER_BYTES);
      const gasFeeCap = items.readUint(NUMBER_BYTES);
      const call = readCall(items);
      if (items.readRaw()[0] !== EMPTY_LIST) throw new RlpError('not canonical', 'access list is not empty');
      return { type, chainId, nonce, gasTipCap, gasFeeCap, ...call, ...readSignature(items) };
    }
    case TransactionType.STATE: {
      const nonce = items.readUint64();
      const gasPrice = items.readUint(NUMBER_BYTES);
      const fields = { ...readCall(items), ...readSignature(items) };
      return { type, nonce, gasPrice, ...fields, from: readSender(items) };
    }
    default:
      throw new RlpError('malformed', `unknown transaction type: ${type}`);
  }
}

function readCall(items: RlpReader): Pick<CommonFields, 'gas' | 'to' | 'value' | 'input'> {
  const gas = items.readUint64();
  const to = readAddress(items);
  // What is no address creates a contract in Go, and would be written as the empty string.
  if (to === undefined || (to.length !== 0 && to.length !== ADDRESS_BYTES)) {
    throw new RlpError('not canonical', 'recipient is neither empty nor 20 bytes');
  }
  const value = items.readUint(NUMBER_BYTES);
  return { gas, to: to.length === 0 ? undefined : to, value, input: items.readBytes() };
}

function readSignature(items: RlpReader): Pick<CommonFields, 'v' | 'r' | 's'> {
  return {
    v: items.readUint(NUMBER_BYTES),
    r: items.readUint(NUMBER_BYTES),
    s: items.readUint(NUMBER_BYTES),
  };
}

function readSender(items: RlpReader): Uint8Array {
  const from = readAddress(items);
  // Go takes anything else for the zero address.
  if (from?.length !== ADDRESS_BYTES) throw new RlpError('not canonical', 'sender is not 20 bytes');
  return from;
}

/** Undefined for a list, which Go does not refuse where it expects an address. */
function readAddress(items: RlpReader): Uint8Array | undefined {
  if (!items.nextIsList) return items.readBytes();
  items.readRaw();
  return undefined;
}

/** @throws {BlockchainError} BLOCKCHAIN.UNDECODABLE */
export function decodeTransaction(raw: EncodedTransaction): Transaction {
  return readRlp(
    () => readTransaction(raw),
    (cause) => new BlockchainError({ code: 'BLOCKCHAIN.UNDECODABLE', reason: cause.message }, cause),
  );
}

/**
 * What the hash and the root are made of: the EIP-2718 envelope, or before the fork the list alone with chain ID 0.
 * @see polygon-edge@597a0f3 types/transaction_fork_hash.go
 */
export function hashedForm(
  { type, rlp }: EncodedTransaction,
  { hashWithType }: TransactionRules,
): Uint8Array[] {
  if (type === TransactionType.LEGACY) return [rlp];
  if (hashWithType) return [Uint8Array.of(type), rlp];
  if (type !== TransactionType.DYNAMIC_FEE) return [rlp];
  const items = new RlpReader(rlp).readList();
  items.readRaw();
  return [encodeList([EMPTY_STRING, rlp.subarray(items.offset)])];
}

/** keccak-256, in the form of the rules. The transaction must come from {@link decodeBlock} or be well-formed. */
export function transactionHash(raw: EncodedTransaction, rules: TransactionRules): Uint8Array {
  return keccak256(...hashedForm(raw, rules));
}

/** The header's `txRoot`. @see polygon-edge@597a0f3 types/buildroot/buildroot.go CalculateTransactionsRoot */
export function transactionsRoot(
  transactions: readonly EncodedTransaction[],
  rules: TransactionRules,
): Uint8Array {
  return orderedTrieRoot(transactions.map((raw) => concatBytes(hashedForm(raw, rules))));
}

/** RLP of a transaction's fields and, in place of its signature, of `rest`; what a sender signs. */
export function encodeForSigning(
  transaction: Transaction,
  chainId: number,
  rest: readonly Uint8Array[],
): Uint8Array {
  const isDynamic = transaction.type === TransactionType.DYNAMIC_FEE;
  return encodeList([
    ...(isDynamic ? [encodeUint(chainId)] : []),
    encodeUint(transaction.nonce),
    ...(isDynamic
      ? [encodeUint(transaction.gasTipCap), encodeUint(transaction.gasFeeCap)]
      : [encodeUint(transaction.gasPrice)]),
    encodeUint(transaction.gas),
    encodeBytes(transaction.to ?? new Uint8Array()),
    encodeUint(transaction.value),
    encodeBytes(transaction.input),
    ...rest,
  ]);
}
