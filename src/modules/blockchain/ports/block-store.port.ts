import type { Logger } from '../../../common/logger.port.js';
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

/** What an engine knows after a block, as it stands in the store; opaque here. */
export interface StateRecord {
  readonly number: number;
  readonly state: Uint8Array;
}

export interface RemovedBlock {
  readonly number: number;
  readonly raw: Uint8Array;
}

export interface PruneResult {
  /** The tail after this step. */
  readonly tail: number;
  readonly removed: number;
}

/** How far below the head removed blocks are still found by their hash. */
export const REMOVED_HEIGHTS = 1_000;

/**
 * The canonical chain on disk. Bytes given out belong to the caller. Records carry a digest:
 * an answer is right or BLOCKCHAIN.STORE_CORRUPT. After `close` every call fails with BLOCKCHAIN.STORE_CLOSED.
 * Block 0 is always kept; between it and `tail()` nothing is, after pruning or a start from a checkpoint.
 * When the disk is full writes fail with BLOCKCHAIN.STORE_FULL, nothing of them is kept, reads go on, and a later write
 * may succeed.
 */
export interface BlockStore {
  head(): Promise<StoreHead | undefined>;

  /** From this height on the chain is whole up to the head; 0 in a store that was never cut (and in an empty one). */
  tail(): Promise<number>;

  /**
   * Appends consecutive blocks; all of them, their states and the new head are one durable transaction.
   * The first must follow the head (or be number 0 in an empty store).
   * @throws {BlockchainError} BLOCKCHAIN.STORE_GAP | BLOCKCHAIN.STORE_FULL | BLOCKCHAIN.STORE_FAILED
   */
  append(blocks: readonly VerifiedBlock[]): Promise<void>;

  /**
   * Makes `block`, whose parent is not here, head and tail of a store that holds block 0 alone: the start from a
   * checkpoint. Its total difficulty is its own difficulty: it only serves to compare branches above it.
   * @throws {BlockchainError} BLOCKCHAIN.STORE_GAP when there are blocks above 0, or none
   */
  startAt(block: VerifiedBlock): Promise<void>;

  /** Makes `number` the head, in one transaction; gives the removed blocks, newest first. Not below the tail. */
  rewind(number: number): Promise<readonly BlockRef[]>;

  /**
   * Replaces what stands above the parent of the first block by `blocks`, in one transaction; gives the removed ones,
   * newest first.
   * @throws {BlockchainError} BLOCKCHAIN.STORE_GAP when the first block's parent is not a stored block of the chain
   */
  replace(blocks: readonly VerifiedBlock[]): Promise<readonly BlockRef[]>;

  /** The newest state record at or below `number`; what the engine knew after that block. */
  stateAt(number: number): Promise<StateRecord | undefined>;
  /** Writes records for stored blocks, for a store that was written before there were any; one transaction. */
  putStates(records: readonly StateRecord[]): Promise<void>;

  hashByNumber(number: number): Promise<Uint8Array | undefined>;
  numberByHash(hash: Uint8Array): Promise<number | undefined>;
  /** The total difficulty of the chain up to and with this block. */
  totalDifficultyAt(number: number): Promise<bigint | undefined>;
  /** Header RLP. */
  rawHeader(number: number): Promise<Uint8Array | undefined>;
  /** Canonical block RLP, byte for byte as appended. */
  rawBlock(number: number): Promise<Uint8Array | undefined>;
  /** Consecutive blocks from `from`; empty above the head and below the tail (but for block 0 alone). */
  rawBlocks(from: number, limits: RangeLimits): Promise<readonly Uint8Array[]>;

  /** A block that `rewind` or `replace` removed, or that `keepAside` was given; at most {@link REMOVED_HEIGHTS} below the head. */
  removedBlock(hash: Uint8Array): Promise<RemovedBlock | undefined>;
  /** Keeps a block that is not of the chain, such as proof that validators signed two blocks of one height. */
  keepAside(block: VerifiedBlock): Promise<void>;

  /**
   * One bounded step of removing what stands below `number` (block 0 and the state in force at the new tail stay); to be
   * repeated until `removed` is 0. Never removes the head.
   */
  prune(number: number, limits: { readonly maxCount: number }): Promise<PruneResult>;
  /** Bytes of block bodies kept, about; for retention by bytes. */
  bodyBytes(): Promise<number>;

  close(): Promise<void>;
}

export interface StoreSetup {
  /** A folder for this store alone, in the data folder of the node; it need not be there. */
  readonly path: string;
  readonly log: Logger;
}

/**
 * What a package exports as `openBlockStore` so that `blockchain.store` may name it. Two opened at once on one path must
 * not both succeed.
 */
export type OpenBlockStore = (setup: StoreSetup) => Promise<BlockStore>;
