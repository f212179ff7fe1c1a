import type { BlockRef, VerifiedBlock } from './types.js';

export const BLOCK_STORE = Symbol('BLOCK_STORE');

export interface StoreHead extends BlockRef {
  readonly totalDifficulty: bigint;
}

export interface RangeLimits {
  readonly maxCount: number;
  /** The range ends before the block that would exceed it; one block is always given. */
  readonly maxBytes: number;
}

/**
 * The canonical chain on disk. Bytes given out belong to the caller. Records carry a digest:
 * an answer is right or BLOCKCHAIN.STORE_CORRUPT. After `close` every call fails with BLOCKCHAIN.STORE_CLOSED.
 */
export interface BlockStore {
  head(): Promise<StoreHead | undefined>;

  /**
   * Appends consecutive blocks; all of them and the new head are one durable transaction.
   * The first must follow the head (or be number 0 in an empty store).
   * @throws {BlockchainError} BLOCKCHAIN.STORE_GAP | BLOCKCHAIN.STORE_FAILED
   */
  append(blocks: readonly VerifiedBlock[]): Promise<void>;

  /** Makes `number` the head, in one transaction; gives the removed blocks, newest first. */
  rewind(number: number): Promise<readonly BlockRef[]>;

  hashByNumber(number: number): Promise<Uint8Array | undefined>;
  numberByHash(hash: Uint8Array): Promise<number | undefined>;
  /** Header RLP. */
  rawHeader(number: number): Promise<Uint8Array | undefined>;
  /** Canonical block RLP, byte for byte as appended. */
  rawBlock(number: number): Promise<Uint8Array | undefined>;
  /** Consecutive blocks from `from`; empty above the head. */
  rawBlocks(from: number, limits: RangeLimits): Promise<readonly Uint8Array[]>;

  close(): Promise<void>;
}
