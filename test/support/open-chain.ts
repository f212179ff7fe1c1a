import { SilentLogger } from '../../src/common/logger.port.js';
import { NoMetrics } from '../../src/common/metrics.port.js';
import { InMemoryBlockStore } from '../../src/modules/blockchain/adapters/memory/in-memory-block-store.adapter.js';
import { createBlockchainMetrics } from '../../src/modules/blockchain/blockchain.metrics.js';
import { ChainService, type ChainServiceOptions } from '../../src/modules/blockchain/chain/chain.service.js';
import { createConsensus } from '../../src/modules/blockchain/consensus/create-consensus.js';
import type { ChainConfig } from '../../src/modules/blockchain/genesis/chain-config.js';
import { InlineExaminer } from '../../src/modules/blockchain/verification/examiner.js';
import { ManualClock } from './manual-clock.js';

/** Wall time at which no recorded block is from the future. */
const AFTER_ALL_BLOCKS_MS = 2_000_000_000_000;

/** The real chain of a genesis file, verified in this thread and over a store in memory unless told otherwise. */
export function openChain(
  config: ChainConfig,
  options: Partial<Omit<ChainServiceOptions, 'config'>> = {},
): Promise<ChainService> {
  const { consensus = createConsensus(config), maxBlockBytes = 4 * 1_024 * 1_024 } = options;
  return ChainService.open({
    store: new InMemoryBlockStore(),
    examiner: new InlineExaminer({ consensus, forks: config.forks, maxBlockBytes }),
    isStrict: false,
    finality: 'engine',
    anchor: undefined,
    path: 'memory',
    clock: new ManualClock(AFTER_ALL_BLOCKS_MS),
    metrics: createBlockchainMetrics(new NoMetrics()),
    log: new SilentLogger(),
    ...options,
    ...{ config, consensus, maxBlockBytes },
  });
}
