import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { CLOCK, type Clock } from '../../../common/clock.js';
import { LOGGER, type Logger } from '../../../common/logger.port.js';
import { onEvent } from '../../../common/on-event.js';
import { NetworkError, TOPICS, type Topics } from '../../network/index.js';
import { encodeTxn } from '../gossip/txn.codec.js';
import { PendingPool } from '../pool/pending-pool.js';
import type { PooledTransaction } from '../ports/txpool.port.js';
import { TXPOOL_CONFIG, type TxPoolConfig } from '../txpool.config.js';
import { TXPOOL_METRICS, type TxPoolMetrics } from '../txpool.metrics.js';

/** The first wait, which doubles with each round that reached nobody, and the longest. */
const BASE_RETRY_MS = 1_000;
const MAX_RETRY_MS = 10_000;
/** Below what a neighbour of ours takes from one peer per second. */
const PER_ROUND = 64;

/**
 * Hands the transactions of operators and JSON-RPC to the peers: again and again while none was sent them, since no peer
 * may be connected, or none know that we are on the topic, or gossip be paused.
 */
@Injectable()
export class HandoverService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly controller = new AbortController();
  private readonly log: Logger;
  /** Hashes of those that no peer was sent, the one that was tried longest ago first. */
  private readonly waiting = new Set<string>();
  private failedRounds = 0;
  private cancelTimer: (() => void) | undefined;

  constructor(
    private readonly pool: PendingPool,
    @Inject(TOPICS) private readonly topics: Topics,
    @Inject(TXPOOL_CONFIG) private readonly config: TxPoolConfig,
    @Inject(TXPOOL_METRICS) private readonly metrics: TxPoolMetrics,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.log = logger.child('txpool');
  }

  onApplicationBootstrap(): void {
    const { signal } = this.controller;
    const forget = ({ type, hash }: { type: string; hash: string }) => {
      if (type !== 'txpool:added') this.forget(hash);
    };
    onEvent(this.pool.events$, forget, { signal, log: this.log });
  }

  beforeApplicationShutdown(): void {
    this.controller.abort();
    this.cancelTimer?.();
  }

  /** Resolves once it was tried; if that reached nobody, it is tried again for as long as the pool has it. */
  async handOver(transaction: PooledTransaction): Promise<void> {
    if (await this.publish(transaction)) return;
    if (this.waiting.size === 0)
      this.log.warn('transaction reached no peer, tried again', { hash: transaction.hash });
    this.wait(transaction.hash);
    this.retryInTime();
  }

  private async retry(): Promise<void> {
    for (const hash of [...this.waiting].slice(0, PER_ROUND)) {
      const transaction = this.pool.get(hash);
      if (transaction === undefined || this.controller.signal.aborted) continue;
      if (!(await this.publish(transaction))) {
        this.failedRounds += 1;
        this.wait(hash);
        break;
      }
      this.failedRounds = 0;
      this.forget(hash);
      if (this.waiting.size === 0) this.log.info('transactions have reached peers', { hash });
    }
    this.retryInTime();
  }

  private retryInTime(): void {
    if (this.cancelTimer !== undefined || this.waiting.size === 0 || this.controller.signal.aborted) return;
    const waitMs = Math.min(MAX_RETRY_MS, BASE_RETRY_MS * 2 ** Math.min(this.failedRounds, 10));
    this.cancelTimer = this.clock.setTimeout(async () => {
      this.cancelTimer = undefined;
      await this.retry();
    }, waitMs);
  }

  /** At the end, so that one that always fails keeps up none of the others. */
  private wait(hash: string): void {
    this.waiting.delete(hash);
    if (this.pool.get(hash) !== undefined) this.waiting.add(hash);
    this.metrics.unpublished(this.waiting.size);
  }

  private forget(hash: string): void {
    if (this.waiting.delete(hash)) this.metrics.unpublished(this.waiting.size);
    if (this.waiting.size === 0) this.failedRounds = 0;
  }

  /** Whether it was sent to anybody. */
  private async publish({ raw, hash }: PooledTransaction): Promise<boolean> {
    try {
      if ((await this.topics.publish(this.config.topic, encodeTxn(raw))) > 0) return true;
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      this.log.debug('transaction not handed to peers', { hash, code: error.code });
    }
    this.metrics.publishFailed();
    return false;
  }
}
