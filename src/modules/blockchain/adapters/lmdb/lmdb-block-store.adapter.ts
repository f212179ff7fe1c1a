import type { Logger } from '../../../../common/logger.port.js';
import type { BlockStore } from '../../ports/block-store.port.js';
import { DurableBlockStore } from '../durable/durable-block-store.js';
import { LmdbTables } from './lmdb-tables.js';

// A store that was left before its version was written has no more than this.
const MAX_NEW_FILE_BYTES = 256 * 1_024;

export interface LmdbBlockStoreOptions {
  /** The environment's folder; made when missing. */
  readonly path: string;
  readonly log: Logger;
}

/**
 * Opens the store for this process alone.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_LOCKED | BLOCKCHAIN.STORE_CORRUPT | BLOCKCHAIN.STORE_FULL |
 * BLOCKCHAIN.STORE_FAILED
 */
export async function openLmdbBlockStore({ path, log }: LmdbBlockStoreOptions): Promise<BlockStore> {
  const { tables, fileBytes } = await LmdbTables.open(path);
  return DurableBlockStore.open(tables, fileBytes <= MAX_NEW_FILE_BYTES, log);
}
