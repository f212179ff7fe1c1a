import { toHex } from '../../../common/bytes.js';
import {
  BlockchainError,
  type DynamicFeeTransaction,
  decodeTransaction,
  type LegacyTransaction,
  readEnvelope,
  recoverSender,
  TransactionType,
  transactionHash,
} from '../../blockchain/index.js';
import { TxPoolError, type TxPoolErrorDetail } from '../txpool.errors.js';
import { intrinsicGas } from './intrinsic-gas.js';
import type { NextBlockRules } from './next-block-rules.js';

/** @see polygon-edge@597a0f3 txpool/txpool.go txMaxSize */
export const MAX_TRANSACTION_BYTES = 128 * 1_024;
/** @see polygon-edge@597a0f3 state/executor.go TxPoolMaxInitCodeSize */
const MAX_INIT_CODE_BYTES = 2 * 24_576;
const FIRST_EIP155_V = 35n;

type SignedTransaction = LegacyTransaction | DynamicFeeTransaction;

/** A transaction that could be mined, as far as that shows without state. */
export interface CheckedTransaction {
  /** 0x, lower-case hex. */
  readonly hash: string;
  /** EIP-2718 form. */
  readonly raw: Uint8Array;
  /** 0x, lower-case hex. */
  readonly sender: string;
  readonly nonce: bigint;
  /** The most it pays per gas, wei, and the most of it beyond the base fee; the same of a legacy transaction. */
  readonly feeCap: bigint;
  readonly tipCap: bigint;
}

/** What a transaction pays per gas in a block of this base fee. @see polygon-edge@597a0f3 types/transaction.go GetGasPrice */
export function priceAt(
  { feeCap, tipCap }: Pick<CheckedTransaction, 'feeCap' | 'tipCap'>,
  baseFee: bigint,
): bigint {
  const wanted = tipCap + baseFee;
  return wanted < feeCap ? wanted : feeCap;
}

/**
 * Checks all that needs no state; what is cheap comes first, and the signature last.
 * @param raw EIP-2718 form; what is given out does not keep it.
 * @param priceLimit Least price, wei per gas.
 * @throws {TxPoolError}
 * @see polygon-edge@597a0f3 txpool/txpool.go validateTx
 * @remarks Differs: the order; bytes that Go would write in another way are refused, as is a chain ID other than the
 * chain's, which Go replaces by it. Nonce and balance are not judged.
 */
export function checkTransaction(
  raw: Uint8Array,
  rules: NextBlockRules,
  priceLimit: bigint,
): CheckedTransaction {
  if (raw.length > MAX_TRANSACTION_BYTES) {
    refuse({ code: 'TXPOOL.TOO_LARGE', bytes: raw.length, maxBytes: MAX_TRANSACTION_BYTES });
  }
  const { envelope, transaction } = read(raw);
  checkType(transaction, rules);
  checkGas(transaction, rules);
  const fees = feesOf(transaction);
  checkFees(fees, rules, priceLimit);
  checkChain(transaction, rules);
  const sender = recoverSender(transaction, rules.chainId);
  if (sender === undefined) refuse({ code: 'TXPOOL.BAD_SIGNATURE' });
  const hash = toHex(transactionHash(envelope, rules));
  return { hash, raw: raw.slice(), sender: toHex(sender), nonce: transaction.nonce, ...fees };
}

function read(raw: Uint8Array) {
  try {
    const envelope = readEnvelope(raw);
    const { type } = envelope;
    if (type === TransactionType.STATE) refuse({ code: 'TXPOOL.TYPE_REFUSED', type });
    if (type !== TransactionType.LEGACY && type !== TransactionType.DYNAMIC_FEE)
      refuse({ code: 'TXPOOL.UNKNOWN_TYPE', type });
    return { envelope, transaction: decodeTransaction(envelope) as SignedTransaction };
  } catch (error) {
    if (!(error instanceof BlockchainError)) throw error;
    // The error's own text speaks of a block.
    const reason = 'reason' in error.detail ? error.detail.reason : error.code;
    throw new TxPoolError({ code: 'TXPOOL.UNDECODABLE', reason }, error);
  }
}

function checkType(
  { type, to, input }: SignedTransaction,
  { isEip158, isLondon, willHashWithType }: NextBlockRules,
): void {
  if (to === undefined && isEip158 && input.length > MAX_INIT_CODE_BYTES) {
    refuse({ code: 'TXPOOL.INIT_CODE_TOO_LARGE', bytes: input.length, maxBytes: MAX_INIT_CODE_BYTES });
  }
  if (type !== TransactionType.DYNAMIC_FEE) return;
  if (!isLondon) refuse({ code: 'TXPOOL.TYPE_NOT_ACTIVE', type });
  // Its hash would change while it waits.
  if (willHashWithType) refuse({ code: 'TXPOOL.DYNAMIC_NOT_ALLOWED' });
}

function checkGas(transaction: SignedTransaction, rules: NextBlockRules): void {
  const { gas } = transaction;
  const minGas = intrinsicGas(transaction, rules);
  if (gas < minGas) refuse({ code: 'TXPOOL.GAS_TOO_LOW', gas, minGas });
  if (gas > rules.gasLimit) refuse({ code: 'TXPOOL.GAS_TOO_HIGH', gas, maxGas: rules.gasLimit });
}

function feesOf(transaction: SignedTransaction): Pick<CheckedTransaction, 'feeCap' | 'tipCap'> {
  return transaction.type === TransactionType.DYNAMIC_FEE
    ? { feeCap: transaction.gasFeeCap, tipCap: transaction.gasTipCap }
    : { feeCap: transaction.gasPrice, tipCap: transaction.gasPrice };
}

function checkFees(
  fees: Pick<CheckedTransaction, 'feeCap' | 'tipCap'>,
  { baseFee }: NextBlockRules,
  priceLimit: bigint,
): void {
  if (fees.tipCap > fees.feeCap) refuse({ code: 'TXPOOL.TIP_ABOVE_FEE_CAP' });
  if (fees.feeCap < baseFee) refuse({ code: 'TXPOOL.UNDERPRICED', price: fees.feeCap, minPrice: baseFee });
  const price = priceAt(fees, baseFee);
  if (price < priceLimit) refuse({ code: 'TXPOOL.UNDERPRICED', price, minPrice: priceLimit });
}

function checkChain(transaction: SignedTransaction, { chainId, isEip155 }: NextBlockRules): void {
  const theirs = chainOf(transaction);
  if (theirs === undefined) return;
  if (transaction.type === TransactionType.LEGACY && !isEip155) refuse({ code: 'TXPOOL.BAD_SIGNATURE' });
  if (theirs !== BigInt(chainId)) refuse({ code: 'TXPOOL.OTHER_CHAIN', ours: chainId, theirs });
}

/** The chain that a transaction is for; undefined where it names none. */
function chainOf(transaction: SignedTransaction): bigint | undefined {
  if (transaction.type === TransactionType.DYNAMIC_FEE) return transaction.chainId;
  return transaction.v < FIRST_EIP155_V ? undefined : (transaction.v - FIRST_EIP155_V) / 2n;
}

function refuse(detail: TxPoolErrorDetail): never {
  throw new TxPoolError(detail);
}
