import { toHex } from '../../../common/bytes.js';
import {
  type DynamicFeeTransaction,
  decodeTransaction,
  type EncodedTransaction,
  recoverSender,
  TransactionType,
  toChecksumAddress,
} from '../../blockchain/index.js';
import { priceAt } from '../../txpool/index.js';
import { quantity } from './quantity.js';

const NOBODY = new Uint8Array(20);

/** Where a transaction stands. */
export interface MinedAt {
  /** 0x hex. */
  readonly blockHash: string;
  readonly blockNumber: number;
  readonly index: number;
  readonly baseFee: bigint;
}

/**
 * A transaction as the Go client shows it. A pooled one has null for where it stands and, with dynamic fees, no `gasPrice`.
 * @param hash 0x hex.
 * @see polygon-edge@597a0f3 jsonrpc/types.go toTransaction
 */
export function transactionObject(
  encoded: EncodedTransaction,
  hash: string,
  chainId: number,
  minedAt: MinedAt | undefined,
): Record<string, unknown> {
  const transaction = decodeTransaction(encoded);
  const { type, nonce, gas, to, value, input, v, r, s } = transaction;
  const isDynamic = type === TransactionType.DYNAMIC_FEE;
  const price = isDynamic ? minedAt && priceAt(feesOf(transaction), minedAt.baseFee) : transaction.gasPrice;
  return {
    nonce: quantity(nonce),
    ...(price === undefined ? {} : { gasPrice: quantity(price) }),
    ...(isDynamic
      ? {
          maxPriorityFeePerGas: quantity(transaction.gasTipCap),
          maxFeePerGas: quantity(transaction.gasFeeCap),
        }
      : {}),
    gas: quantity(gas),
    to: to === undefined ? null : toChecksumAddress(to),
    value: quantity(value),
    input: toHex(input),
    v: quantity(v),
    r: quantity(r),
    s: quantity(s),
    hash,
    from: toChecksumAddress(recoverSender(transaction, chainId) ?? NOBODY),
    blockHash: minedAt?.blockHash ?? null,
    blockNumber: minedAt === undefined ? null : quantity(minedAt.blockNumber),
    transactionIndex: minedAt === undefined ? null : quantity(minedAt.index),
    ...(isDynamic ? { chainId: quantity(transaction.chainId) } : {}),
    type: quantity(type),
  };
}

const feesOf = ({ gasFeeCap, gasTipCap }: DynamicFeeTransaction) => ({
  feeCap: gasFeeCap,
  tipCap: gasTipCap,
});
