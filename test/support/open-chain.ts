import type { Clock } from '../../src/common/clock.js';
import { SilentLogger } from '../../src/common/logger.port.js';
import { NoMetrics } from '../../src/common/metrics.port.js';
import { InMemoryBlockStore } from '../../src/modules/blockchain/adapters/memory/in-memory-block-store.adapter.js';
import { createBlockchainMetrics } from '../../src/modules/blockchain/blockchain.metrics.js';
import { ChainService } from '../../src/modules/blockchain/chain/chain.service.js';
import { type ChainConfig, createConsensus } from '../../src/modules/blockchain/index.js';
import { ManualClock } from './manual-clock.js';

/** The real chain of a genesis file, over a store in memory. */
export function openChain(config: ChainConfig, clock: Clock = new ManualClock()): Promise<ChainService> {
  return ChainService.open({
    store: new InMemoryBlockStore(),
    consensus: createConsensus(config),
    config,
    maxBlockBytes: 4 * 1_024 * 1_024,
    path: 'memory',
    clock,
    metrics: createBlockchainMetrics(new NoMetrics()),
    log: new SilentLogger(),
  });
}
