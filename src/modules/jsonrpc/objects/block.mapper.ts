import { setImmediate as nextTurn } from 'node:timers/promises';
import { toHex } from '../../../common/bytes.js';
import {
  type Block,
  encodeBlock,
  type Header,
  transactionHash,
  withoutOwnSeal,
} from '../../blockchain/index.js';
import { quantity } from './quantity.js';
import { transactionObject } from './transaction.mapper.js';

/** Recovering a sender takes some 50 µs; so many are recovered without a pause. */
const TRANSACTIONS_PER_TURN = 64;

/** What must be known of a chain to show its blocks. */
export interface ChainForms {
  readonly chainId: number;
  readonly isPolybft: boolean;
  /** Whether the fork `txHashWithType` is active at a height. */
  readonly hashWithType: (number: number) => boolean;
}

/** A block of the chain, and its hash as 0x hex. */
export interface ReadBlock {
  readonly block: Block;
  readonly hash: string;
}

/**
 * A block as the Go client shows it.
 * @see polygon-edge@597a0f3 jsonrpc/types.go toBlock
 */
export async function blockObject(
  { block, hash }: ReadBlock,
  isFull: boolean,
  forms: ChainForms,
): Promise<Record<string, unknown>> {
  const header = shownHeader(block.header, forms);
  const size = header === block.header ? block.raw.length : encodeBlock({ ...block, header }).length;
  const transactions: unknown[] = [];
  for (const index of block.transactions.keys()) {
    if (index % TRANSACTIONS_PER_TURN === TRANSACTIONS_PER_TURN - 1) await nextTurn();
    transactions.push(isFull ? minedTransaction({ block, hash }, index, forms) : hashOf(block, index, forms));
  }
  const { rootsAndDifficulty, placeAndHash, fees } = headerFields(header, hash);
  return { ...rootsAndDifficulty, size: quantity(size), ...placeAndHash, transactions, uncles: [], ...fees };
}

/**
 * A block to those who follow heads: its header alone.
 * @remarks Differs: Go adds an empty list of transactions, whatever the block has, and the size of a block without any.
 */
export function headObject(header: Header, hash: string, forms: ChainForms): Record<string, unknown> {
  const { rootsAndDifficulty, placeAndHash, fees } = headerFields(shownHeader(header, forms), hash);
  return { ...rootsAndDifficulty, ...placeAndHash, ...fees };
}

/** A transaction of a block, by its place; null where there is none. */
export function minedTransaction(
  { block, hash }: ReadBlock,
  index: number,
  forms: ChainForms,
): Record<string, unknown> | null {
  const encoded = block.transactions[index];
  if (encoded === undefined) return null;
  const { number, baseFee } = block.header;
  const minedAt = { blockHash: hash, blockNumber: number, index, baseFee };
  return transactionObject(encoded, hashOf(block, index, forms), forms.chainId, minedAt);
}

function hashOf({ header, transactions }: Block, index: number, { hashWithType }: ChainForms): string {
  const encoded = transactions[index];
  if (encoded === undefined) throw new RangeError(`no transaction ${index}`);
  return toHex(transactionHash(encoded, { hashWithType: hashWithType(header.number) }));
}

/** A PolyBFT block's own signature is not of its hash, and is not shown. */
function shownHeader(header: Header, { isPolybft }: ChainForms): Header {
  return isPolybft ? withoutOwnSeal(header) : header;
}

/** In the order of the Go client, which a block's own fields stand between. */
function headerFields(header: Header, hash: string) {
  return {
    rootsAndDifficulty: {
      parentHash: toHex(header.parentHash),
      sha3Uncles: toHex(header.sha3Uncles),
      miner: toHex(header.miner),
      stateRoot: toHex(header.stateRoot),
      transactionsRoot: toHex(header.txRoot),
      receiptsRoot: toHex(header.receiptsRoot),
      logsBloom: toHex(header.logsBloom),
      difficulty: quantity(header.difficulty),
      totalDifficulty: quantity(header.difficulty),
    },
    placeAndHash: {
      number: quantity(header.number),
      gasLimit: quantity(header.gasLimit),
      gasUsed: quantity(header.gasUsed),
      timestamp: quantity(header.timestamp),
      extraData: toHex(header.extraData),
      mixHash: toHex(header.mixHash),
      nonce: toHex(header.nonce),
      hash,
    },
    fees: header.baseFee === 0n ? {} : { baseFeePerGas: quantity(header.baseFee) },
  };
}
