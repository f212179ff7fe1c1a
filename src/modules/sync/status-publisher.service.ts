import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { errorFields } from '../../common/app-error.js';
import { CLOCK, type Clock } from '../../common/clock.js';
import { LOGGER, type Logger } from '../../common/logger.port.js';
import { onEvent } from '../../common/on-event.js';
import { CHAIN, type Chain } from '../blockchain/index.js';
import { TOPICS, type Topics } from '../network/index.js';
import { mayAnnounce } from './may-announce.js';
import { SYNC_CONFIG, type SyncConfig } from './sync.config.js';
import { encodeStatus } from './sync-peer.codec.js';

/**
 * Gossips our height after each new head, which is durable by then: at once after a quiet time, else once per interval
 * with the newest height, the last one included.
 * @see polygon-edge@597a0f3 syncer/client.go startNewBlockProcess
 * @remarks Differs: the Go client publishes once per block, also while it syncs.
 */
@Injectable()
export class StatusPublisherService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly controller = new AbortController();
  private readonly log: Logger;
  private publishedAtMs = Number.NEGATIVE_INFINITY;
  private cancelDue: (() => void) | undefined;

  constructor(
    @Inject(CHAIN) private readonly chain: Chain,
    @Inject(TOPICS) private readonly topics: Topics,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SYNC_CONFIG) private readonly config: SyncConfig,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.log = logger.child('sync');
  }

  onApplicationBootstrap(): void {
    const { signal } = this.controller;
    onEvent(this.chain.events$, () => this.headChanged(), { signal, log: this.log });
  }

  beforeApplicationShutdown(): void {
    this.controller.abort();
    this.cancelDue?.();
  }

  private headChanged(): void {
    if (this.cancelDue) return;
    const waitMs = this.publishedAtMs + this.config.publishIntervalMs - this.clock.monotonicMs();
    if (waitMs <= 0) {
      this.publish();
      return;
    }
    this.cancelDue = this.clock.setTimeout(() => {
      this.cancelDue = undefined;
      this.publish();
    }, waitMs);
  }

  private publish(): void {
    const head = this.chain.head();
    if (!head || !mayAnnounce(this.chain, this.config)) return;
    this.publishedAtMs = this.clock.monotonicMs();
    this.topics
      .publish(this.config.statusTopic, encodeStatus(BigInt(head.number)))
      .catch((error: unknown) => {
        this.log.debug('status not published', { height: head.number, ...errorFields(error) });
      });
  }
}
