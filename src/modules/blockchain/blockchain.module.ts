import { join } from 'node:path';
import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock.js';
import { LOGGER, type Logger } from '../../common/logger.port.js';
import { METRICS } from '../../common/metrics.port.js';
import { openLmdbBlockStore } from './adapters/lmdb/lmdb-block-store.adapter.js';
import { InMemoryBlockStore } from './adapters/memory/in-memory-block-store.adapter.js';
import { BLOCKCHAIN_CONFIG, type BlockchainConfig } from './blockchain.config.js';
import { BLOCKCHAIN_METRICS, type BlockchainMetrics, createBlockchainMetrics } from './blockchain.metrics.js';
import { ChainService } from './chain/chain.service.js';
import { createConsensus } from './consensus/create-consensus.js';
import type { ChainConfig } from './genesis/chain-config.js';
import { BLOCK_STORE, type BlockStore } from './ports/block-store.port.js';
import { CHAIN, CHAIN_WRITER } from './ports/chain.port.js';
import { CONSENSUS, type Consensus } from './ports/consensus.port.js';
import { SEALER_SETUP, SealerService, type SealerSetup } from './sealer/sealer.service.js';

export interface BlockchainModuleOptions {
  readonly config: BlockchainConfig;
  readonly chain: ChainConfig;
  /** The node's data folder; blocks are kept in `edgekeeper/blocks` below it. */
  readonly dataDir: string;
  /** 32 bytes. Without it, and when it is not that of the only validator, no blocks are sealed. */
  readonly validatorKey?: Uint8Array;
}

const BLOCKCHAIN_LOG = Symbol('BLOCKCHAIN_LOG');

/**
 * The chain: verification, storage and, on a chain of one's own, sealing. It is open once Nest has made the module.
 * Needs LOGGER, CLOCK and METRICS from a global module.
 */
@Module({})
export class BlockchainModule implements OnApplicationShutdown {
  constructor(@Inject(ChainService) private readonly chain: ChainService) {}

  static forRoot(options: BlockchainModuleOptions): DynamicModule {
    const { config, chain, validatorKey } = options;
    return {
      module: BlockchainModule,
      providers: [
        { provide: BLOCKCHAIN_CONFIG, useValue: config },
        { provide: CONSENSUS, useFactory: () => createConsensus(chain) },
        {
          provide: BLOCKCHAIN_LOG,
          inject: [LOGGER],
          useFactory: (logger: Logger) => logger.child('blockchain'),
        },
        { provide: BLOCKCHAIN_METRICS, inject: [METRICS], useFactory: createBlockchainMetrics },
        ...chainProviders(options),
        { provide: SEALER_SETUP, useValue: { config, chain, validatorKey } satisfies SealerSetup },
        SealerService,
      ],
      exports: [CHAIN, CHAIN_WRITER],
    };
  }

  /** The sealer has stopped by then, and inserts asked for so far are waited for. */
  onApplicationShutdown(): Promise<void> {
    return this.chain.close();
  }
}

function chainProviders({ config, chain, dataDir }: BlockchainModuleOptions): Provider[] {
  const path = join(dataDir, 'edgekeeper', 'blocks');
  return [
    {
      provide: BLOCK_STORE,
      inject: [BLOCKCHAIN_LOG],
      useFactory: (log: Logger) =>
        config.store === 'memory' ? new InMemoryBlockStore() : openLmdbBlockStore({ path, log }),
    },
    {
      provide: ChainService,
      inject: [BLOCK_STORE, CONSENSUS, CLOCK, BLOCKCHAIN_METRICS, BLOCKCHAIN_LOG],
      useFactory: (
        store: BlockStore,
        consensus: Consensus,
        clock: Clock,
        metrics: BlockchainMetrics,
        log: Logger,
      ) => {
        const { maxBlockBytes } = config;
        return ChainService.open({
          store,
          consensus,
          config: chain,
          maxBlockBytes,
          path,
          clock,
          metrics,
          log,
        });
      },
    },
    { provide: CHAIN, useExisting: ChainService },
    { provide: CHAIN_WRITER, useExisting: ChainService },
  ];
}
