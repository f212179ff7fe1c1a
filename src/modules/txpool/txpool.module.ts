import { type DynamicModule, Module } from '@nestjs/common';
import { METRICS, type MetricsRegistry } from '../../common/metrics.port.js';
import { HeadRulesService } from './check/head-rules.service.js';
import { BlockFollowerService } from './follow/block-follower.service.js';
import { GossipIntakeService } from './gossip/gossip-intake.service.js';
import { HandoverService } from './handover/handover.service.js';
import { PendingPool } from './pool/pending-pool.js';
import { TXPOOL } from './ports/txpool.port.js';
import { TXPOOL_CONFIG, TXPOOL_SETUP, type TxPoolConfig, type TxPoolSetup } from './txpool.config.js';
import { createTxPoolMetrics, TXPOOL_METRICS } from './txpool.metrics.js';
import { TxPoolService } from './txpool.service.js';

export interface TxPoolModuleOptions {
  readonly config: TxPoolConfig;
  readonly setup: TxPoolSetup;
  /** The modules that export TOPICS and CHAIN. */
  readonly imports: readonly DynamicModule[];
}

/** Transactions on their way into blocks. Needs LOGGER, CLOCK and METRICS from a global module. */
@Module({})
export class TxPoolModule {
  static forRoot({ config, setup, imports }: TxPoolModuleOptions): DynamicModule {
    return {
      module: TxPoolModule,
      imports: [...imports],
      providers: [
        { provide: TXPOOL_CONFIG, useValue: config },
        { provide: TXPOOL_SETUP, useValue: setup },
        {
          provide: TXPOOL_METRICS,
          inject: [METRICS],
          useFactory: (registry: MetricsRegistry) => createTxPoolMetrics(registry),
        },
        PendingPool,
        HeadRulesService,
        BlockFollowerService,
        GossipIntakeService,
        HandoverService,
        TxPoolService,
        { provide: TXPOOL, useExisting: TxPoolService },
      ],
      exports: [TXPOOL],
    };
  }
}
