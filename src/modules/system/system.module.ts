import { type DynamicModule, Module } from '@nestjs/common';
import { METRICS, type MetricsRegistry } from '../../common/metrics.port.js';
import { Activities } from './activities.js';
import { ChainController } from './chain.controller.js';
import { HealthService } from './health.service.js';
import { IbftController } from './ibft.controller.js';
import { LogsController } from './logs.controller.js';
import { NodeController } from './node.controller.js';
import { NodeStandingService } from './node-standing.service.js';
import { PeerFactsReader } from './peer-facts.js';
import { PeersController } from './peers.controller.js';
import { NODE_FACTS, type NodeFacts } from './ports/node-facts.port.js';
import { OPERATOR_CLOSING } from './ports/operator-closing.port.js';
import { OPERATOR_HEALTH, type OperatorHealth } from './ports/operator-health.port.js';
import { SYSTEM_CONFIG, type SystemConfig } from './system.config.js';
import { SystemController } from './system.controller.js';
import { createSystemMetrics, SYSTEM_METRICS } from './system.metrics.js';
import { TxPoolController } from './txpool.controller.js';

export interface SystemModuleOptions {
  readonly config: SystemConfig;
  /** Aborts when the operator port closes. */
  readonly closing: AbortSignal;
  readonly health: OperatorHealth;
  readonly facts: NodeFacts;
  /**
   * The modules that export PEERS, PEER_CONTROL, NETWORK_CONTROL, NETWORK_LOAD, CHAIN, CHAIN_EXPLORER, TXPOOL, VOTING, SYNC
   * and SYNC_CONTROL.
   */
  readonly imports: readonly DynamicModule[];
}

@Module({})
export class SystemModule {
  static forRoot({ config, closing, health, facts, imports }: SystemModuleOptions): DynamicModule {
    return {
      module: SystemModule,
      imports: [...imports],
      controllers: [
        SystemController,
        TxPoolController,
        IbftController,
        PeersController,
        ChainController,
        NodeController,
        LogsController,
      ],
      providers: [
        PeerFactsReader,
        { provide: SYSTEM_CONFIG, useValue: config },
        { provide: NODE_FACTS, useValue: facts },
        Activities,
        NodeStandingService,
        { provide: OPERATOR_CLOSING, useValue: closing },
        { provide: OPERATOR_HEALTH, useValue: health },
        HealthService,
        {
          provide: SYSTEM_METRICS,
          inject: [METRICS],
          useFactory: (registry: MetricsRegistry) => createSystemMetrics(registry),
        },
      ],
    };
  }
}
