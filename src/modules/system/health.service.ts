import { Inject, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER, type Logger } from '../../common/logger.port.js';
import { onEvent } from '../../common/on-event.js';
import { PEERS, type Peers } from '../network/index.js';
import { SYNC, type Sync, type SyncProgress } from '../sync/index.js';
import { OPERATOR_HEALTH, type OperatorHealth } from './ports/operator-health.port.js';
import { SYSTEM_CONFIG, type SystemConfig } from './system.config.js';

/** The names that health checks ask for, beside those of the services. */
const SYNC_HEALTH = 'edgekeeper.sync';
const PEERS_HEALTH = 'edgekeeper.peers';

/**
 * Tells health checks whether the node follows its chain (`edgekeeper.sync`: at most so far behind the best height that
 * is believed) and has company (`edgekeeper.peers`: so many peers). A node without peers knows of no better height than
 * its own: ask for both.
 */
export class HealthService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly controller = new AbortController();
  private readonly log: Logger;

  constructor(
    @Inject(SYNC) private readonly sync: Sync,
    @Inject(PEERS) private readonly peers: Peers,
    @Inject(OPERATOR_HEALTH) private readonly health: OperatorHealth,
    @Inject(SYSTEM_CONFIG) private readonly config: SystemConfig,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.log = logger.child('system');
  }

  onApplicationBootstrap(): void {
    const options = { signal: this.controller.signal, log: this.log };
    this.tellOfPeers();
    onEvent(this.sync.progress$, (progress) => this.tellOfSync(progress), options);
    onEvent(this.peers.events$, () => this.tellOfPeers(), options);
  }

  onApplicationShutdown(): void {
    this.controller.abort();
  }

  private tellOfSync({ state, currentHeight, highestHeight }: SyncProgress): void {
    const lag = highestHeight - currentHeight;
    // What an operator paused is behind on purpose.
    const isNearOrMeant = lag <= this.config.health.maxLag || state === 'paused';
    this.health.setServing(SYNC_HEALTH, state !== 'stopped' && isNearOrMeant);
  }

  private tellOfPeers(): void {
    this.health.setServing(PEERS_HEALTH, this.peers.list().length >= this.config.health.minPeers);
  }
}
