import type { RecordRoom } from './records.js';

/**
 * - blocks: number → block RLP
 * - index: number → hash and total difficulty
 * - hashes: hash → number, of blocks of the chain and of removed ones
 * - states: number → what the engine knows after that block
 * - removed: number and hash → RLP of a block that is not of the chain
 * - meta: schema version, extent; LMDB's owner
 *
 * What the records hold says records.ts.
 */
export type TableName = 'blocks' | 'index' | 'hashes' | 'states' | 'removed' | 'meta';

export interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** What one transaction writes, carried out in this order. */
export interface Batch {
  put(table: TableName, key: Uint8Array, value: Uint8Array): void;
  /** The same for a key known to be greater than all there are. */
  putLast(table: TableName, key: Uint8Array, value: Uint8Array): void;
  remove(table: TableName, key: Uint8Array): void;
}

/**
 * Ordered tables on disk, as a database gives them to {@link DurableBlockStore}. What a call throws is a BlockchainError:
 * STORE_CORRUPT, STORE_FULL, STORE_FAILED or, once closed, STORE_CLOSED.
 */
export interface Tables {
  /** The value; the caller's own, or a part of `room` when there is one. */
  get(table: TableName, key: Uint8Array, room?: RecordRoom): Uint8Array | undefined;
  /** The entry of the greatest key that is not greater than `key`. */
  lastUpTo(table: TableName, key: Uint8Array): Promise<Entry | undefined>;
  /** Keys from `start` up to `end`, `end` not included, in order. */
  keys(table: TableName, start: Uint8Array, end: Uint8Array, limit: number): Promise<readonly Uint8Array[]>;
  /** All that `write` puts and removes is one transaction; resolves once it is on disk. `write` must not throw. */
  commit(write: (batch: Batch) => void): Promise<void>;
  /** Whether the database can be read but not written to since a commit failed, until it has recovered. */
  readonly isBroken: boolean;
  /** While nothing is read. */
  recover(): Promise<void>;
  /** An estimate of what all of `blocks` takes on disk. */
  blockBytes(): Promise<number>;
  close(): Promise<void>;
}
