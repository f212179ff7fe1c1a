import type { Logger } from '../../../../common/logger.port.js';
import type { BlockStore } from '../../ports/block-store.port.js';
import { DurableBlockStore } from '../durable/durable-block-store.js';
import { LevelTables } from './level-tables.js';

// A store that was left before its version was written has no more than this, one with a block has more.
const MAX_NEW_BYTES = 128;

export interface LevelBlockStoreOptions {
  /** The database's folder; made when missing. */
  readonly path: string;
  readonly log: Logger;
}

/**
 * Opens the store for this process alone.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_LOCKED | BLOCKCHAIN.STORE_CORRUPT | BLOCKCHAIN.STORE_FULL |
 * BLOCKCHAIN.STORE_FAILED
 */
export async function openLevelBlockStore({ path, log }: LevelBlockStoreOptions): Promise<BlockStore> {
  const { tables, dataBytes } = await LevelTables.open(path);
  return DurableBlockStore.open(tables, dataBytes <= MAX_NEW_BYTES, log);
}
