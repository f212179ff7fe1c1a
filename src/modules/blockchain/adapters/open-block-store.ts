import type { Logger } from '../../../common/logger.port.js';
import type { BlockStore } from '../ports/block-store.port.js';
import { openPackageBlockStore } from './package/package-block-store.adapter.js';

export interface OpenBlockStoreOptions {
  /** `lmdb`, `level`, `memory`, or the name of a package. */
  readonly kind: string;
  /** Folder of the store; made when missing. Not used by the one in memory. */
  readonly path: string;
  readonly log: Logger;
}

/**
 * Opens the store of the given kind. Only the database that is asked for is loaded.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_LOCKED | BLOCKCHAIN.STORE_CORRUPT | BLOCKCHAIN.STORE_FULL |
 * BLOCKCHAIN.STORE_FAILED | BLOCKCHAIN.STORE_UNUSABLE
 */
export async function openBlockStore({ kind, path, log }: OpenBlockStoreOptions): Promise<BlockStore> {
  switch (kind) {
    case 'lmdb': {
      const { openLmdbBlockStore } = await import('./lmdb/lmdb-block-store.adapter.js');
      return openLmdbBlockStore({ path, log });
    }
    case 'level': {
      const { openLevelBlockStore } = await import('./level/level-block-store.adapter.js');
      return openLevelBlockStore({ path, log });
    }
    case 'memory': {
      const { InMemoryBlockStore } = await import('./memory/in-memory-block-store.adapter.js');
      return new InMemoryBlockStore();
    }
    default:
      return openPackageBlockStore(kind, { path, log });
  }
}
