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
import { OpenParts } from '../../common/open-parts.js';
import { openBlockStore } from './adapters/open-block-store.js';
import { BLOCKCHAIN_CONFIG, type BlockchainConfig } from './blockchain.config.js';
import { BLOCKCHAIN_METRICS, type BlockchainMetrics, createBlockchainMetrics } from './blockchain.metrics.js';
import { ChainService } from './chain/chain.service.js';
import { CHAIN_CONFIG, ChainExplorerService } from './chain/chain-explorer.service.js';
import { loadAnchor } from './chain/load-anchor.js';
import { RetentionService } from './chain/retention.service.js';
import { createConsensus } from './consensus/create-consensus.js';
import type { SealKey } from './consensus/ibft/write-seals.js';
import type { ChainConfig } from './genesis/chain-config.js';
import { BLOCK_STORE, type BlockStore } from './ports/block-store.port.js';
import { CHAIN, CHAIN_WRITER } from './ports/chain.port.js';
import { CHAIN_EXPLORER } from './ports/chain-explorer.port.js';
import { CONSENSUS, type Consensus } from './ports/consensus.port.js';
import { VOTING } from './ports/voting.port.js';
import { SealerService } from './sealer/sealer.service.js';
import { SEALER_SETUP, type SealerSetup } from './sealer/sealer-setup.js';
import { createExaminer } from './verification/create-examiner.js';
import { EXAMINER, type Examiner } from './verification/examiner.js';
import { VotingService } from './voting/voting.service.js';

export interface BlockchainModuleOptions {
  readonly config: BlockchainConfig;
  readonly chain: ChainConfig;
  /** The node's data folder; blocks are kept in `edgekeeper/blocks` below it. */
  readonly dataDir: string;
  /** The validators whose keys are here. Blocks are sealed when they are enough for one. */
  readonly validators: readonly SealKey[];
  /** Closes what the module has opened when the application could not be made. */
  readonly openParts?: OpenParts;
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
    const { config, chain, validators } = options;
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
        { provide: SEALER_SETUP, useValue: { config, chain, validators } satisfies SealerSetup },
        { provide: CHAIN_CONFIG, useValue: chain },
        ChainExplorerService,
        { provide: CHAIN_EXPLORER, useExisting: ChainExplorerService },
        SealerService,
        RetentionService,
        VotingService,
        { provide: VOTING, useExisting: VotingService },
      ],
      exports: [CHAIN, CHAIN_EXPLORER, CHAIN_WRITER, VOTING],
    };
  }

  /** The sealer has stopped by then, and inserts asked for so far are waited for. */
  onApplicationShutdown(): Promise<void> {
    return this.chain.close();
  }
}

function chainProviders({
  config,
  chain,
  dataDir,
  openParts = new OpenParts(),
}: BlockchainModuleOptions): Provider[] {
  const path = join(dataDir, 'edgekeeper', 'blocks');
  return [
    {
      provide: BLOCK_STORE,
      inject: [BLOCKCHAIN_LOG],
      useFactory: (log: Logger) => openParts.keep(openBlockStore({ kind: config.store, path, log })),
    },
    {
      provide: EXAMINER,
      inject: [CONSENSUS, BLOCKCHAIN_LOG],
      useFactory: (consensus: Consensus, log: Logger) =>
        openParts.keep(createExaminer({ config, chain, consensus, log })),
    },
    {
      provide: ChainService,
      inject: [BLOCK_STORE, CONSENSUS, EXAMINER, CLOCK, BLOCKCHAIN_METRICS, BLOCKCHAIN_LOG],
      useFactory: async (
        store: BlockStore,
        consensus: Consensus,
        examiner: Examiner,
        clock: Clock,
        metrics: BlockchainMetrics,
        log: Logger,
      ) =>
        ChainService.open({
          ...{ store, consensus, examiner, path, clock, metrics, log },
          config: chain,
          maxBlockBytes: config.maxBlockBytes,
          isStrict: config.strict,
          finality: config.finality,
          anchor: await loadAnchor(config.checkpoint, chain, consensus),
        }),
    },
    { provide: CHAIN, useExisting: ChainService },
    { provide: CHAIN_WRITER, useExisting: ChainService },
  ];
}
