import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../../common/logger.port.js';
import { osErrorCode } from '../../../common/os-error.js';
import { openBlockStore } from '../adapters/open-block-store.js';
import type { BlockchainConfig } from '../blockchain.config.js';
import { createConsensus } from '../consensus/create-consensus.js';
import type { ChainConfig } from '../genesis/chain-config.js';
import { checkGenesis } from './settle-genesis.js';

/** What a store holds. */
export interface StoreExtent {
  readonly tail: number;
  readonly head: number;
}

/**
 * Opens the store of a data folder whose node does not run, as the node would, and closes it; undefined when nothing is
 * stored yet. With a genesis file it must hold that chain.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_LOCKED while a node runs on it, BLOCKCHAIN.STORE_CORRUPT |
 * BLOCKCHAIN.STORE_FAILED when it cannot be opened, BLOCKCHAIN.STORE_OTHER_CHAIN | BLOCKCHAIN.GENESIS_MISMATCH
 */
export async function storeExtent(
  dataDir: string,
  { store: kind, maxBlockBytes }: Pick<BlockchainConfig, 'store' | 'maxBlockBytes'>,
  genesis: ChainConfig | undefined,
  log: Logger,
): Promise<StoreExtent | undefined> {
  const path = join(dataDir, 'edgekeeper', 'blocks');
  // Opening would make a store where there is none.
  if (kind === 'memory' || (await isEmpty(path))) return undefined;
  const store = await openBlockStore({ kind, path, log });
  try {
    const head = await store.head();
    if (genesis !== undefined) {
      const consensus = createConsensus(genesis);
      await consensus.prepare();
      await checkGenesis({ store, config: genesis, consensus, maxBlockBytes, path });
    }
    return head === undefined ? undefined : { tail: await store.tail(), head: head.number };
  } finally {
    await store.close();
  }
}

async function isEmpty(path: string): Promise<boolean> {
  try {
    return (await readdir(path)).length === 0;
  } catch (error) {
    if (osErrorCode(error) === 'ENOENT') return true;
    throw error;
  }
}
