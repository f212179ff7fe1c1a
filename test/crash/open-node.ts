import { join } from 'node:path';
import { SystemClock } from '../../src/common/clock.js';
import { SilentLogger } from '../../src/common/logger.port.js';
import { NoMetrics } from '../../src/common/metrics.port.js';
import { openBlockStore } from '../../src/modules/blockchain/adapters/open-block-store.js';
import { createBlockchainMetrics } from '../../src/modules/blockchain/blockchain.metrics.js';
import { ChainService } from '../../src/modules/blockchain/chain/chain.service.js';
import { createConsensus } from '../../src/modules/blockchain/consensus/create-consensus.js';
import { parseGenesis } from '../../src/modules/blockchain/genesis/parse-genesis.js';
import type { BlockStore } from '../../src/modules/blockchain/ports/block-store.port.js';
import { InlineExaminer } from '../../src/modules/blockchain/verification/examiner.js';

const MAX_BLOCK_BYTES = 4 * 1_024 * 1_024;

export type StoreKind = 'lmdb' | 'level';

export interface OpenedNode {
  readonly chain: ChainService;
  readonly store: BlockStore;
  /** From an empty process to a chain that takes blocks. */
  readonly openMs: number;
}

/** Where a node's store is below its data folder. */
export const storePath = (folder: string) => join(folder, 'edgekeeper', 'blocks');

/** The node's own chain over its own store, without its network. */
export async function openNode(folder: string, kind: StoreKind, genesisText: string): Promise<OpenedNode> {
  const clock = new SystemClock();
  const startedMs = clock.monotonicMs();
  const config = parseGenesis(genesisText);
  const log = new SilentLogger();
  const path = storePath(folder);
  const consensus = createConsensus(config);
  const store = await openBlockStore({ kind, path, log });
  const chain = await ChainService.open({
    ...{ store, consensus, config, path, clock, log },
    examiner: new InlineExaminer({ consensus, forks: config.forks, maxBlockBytes: MAX_BLOCK_BYTES }),
    maxBlockBytes: MAX_BLOCK_BYTES,
    isStrict: false,
    finality: 'engine',
    anchor: undefined,
    metrics: createBlockchainMetrics(new NoMetrics()),
  });
  return { chain, store, openMs: clock.monotonicMs() - startedMs };
}
