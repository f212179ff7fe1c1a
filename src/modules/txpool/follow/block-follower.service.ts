import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { errorFields } from '../../../common/app-error.js';
import { toHex } from '../../../common/bytes.js';
import { CLOCK, type Clock } from '../../../common/clock.js';
import { LOGGER, type Logger } from '../../../common/logger.port.js';
import { onEvent } from '../../../common/on-event.js';
import { type BlockRef, CHAIN, type Chain, type ChainEvent } from '../../blockchain/index.js';
import { HeadRulesService } from '../check/head-rules.service.js';
import { PendingPool } from '../pool/pending-pool.js';
import { TXPOOL_CONFIG, TXPOOL_SETUP, type TxPoolConfig, type TxPoolSetup } from '../txpool.config.js';
import { transactionsOf } from './block-transactions.js';

/** Changes of the chain that wait to be read. Beyond it the oldest goes: its transactions then time out. */
const MAX_WAITING = 1_024;
const MS_PER_SECOND = 1_000;
/** By so much the clock of a validator may be behind ours, or a block late, and it is read all the same. */
const CLOCK_TOLERANCE_MS = 3_600_000;

/** Tells the pool what was mined and what was taken back, one change of the chain after the other. */
@Injectable()
export class BlockFollowerService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly controller = new AbortController();
  private readonly log: Logger;
  private readonly waiting: ChainEvent[] = [];
  private isReading = false;

  constructor(
    @Inject(CHAIN) private readonly chain: Chain,
    private readonly pool: PendingPool,
    private readonly rules: HeadRulesService,
    @Inject(TXPOOL_CONFIG) private readonly config: TxPoolConfig,
    @Inject(TXPOOL_SETUP) private readonly setup: TxPoolSetup,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.log = logger.child('txpool');
  }

  onApplicationBootstrap(): void {
    const { signal } = this.controller;
    onEvent(this.chain.events$, (event) => this.follow(event), { signal, log: this.log });
  }

  beforeApplicationShutdown(): void {
    this.controller.abort();
  }

  private async follow(event: ChainEvent): Promise<void> {
    this.waiting.push(event);
    if (this.waiting.length > MAX_WAITING) this.waiting.shift();
    if (this.isReading) return;
    this.isReading = true;
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      if (this.controller.signal.aborted) break;
      await this.apply(next);
    }
    this.isReading = false;
  }

  private async apply({ added, removed }: ChainEvent): Promise<void> {
    for (const { hash } of removed) this.pool.takeBack(toHex(hash), this.rules.latest?.baseFee ?? 0n);
    if (this.isOld) return;
    // A reorganisation names its new head first.
    for (const block of added.toSorted((a, b) => a.number - b.number)) await this.read(block);
  }

  /**
   * While old blocks are fetched their transactions are nothing to us: what waits was submitted after them. But for one
   * that was mined long ago and is submitted again meanwhile; that times out, which is better than to read them all.
   */
  private get isOld(): boolean {
    const minedAtMs = Number(this.chain.head()?.timestamp ?? 0n) * MS_PER_SECOND;
    return minedAtMs < this.clock.nowMs() - this.config.lifetimeMs - CLOCK_TOLERANCE_MS;
  }

  private async read({ number, hash }: BlockRef): Promise<void> {
    try {
      const raw = await this.chain.rawBlock(number);
      if (raw === undefined) return;
      await this.pool.mine({ number, hash: toHex(hash) }, transactionsOf(raw, this.setup));
    } catch (error) {
      this.log.warn('transactions of a block not read', { height: number, ...errorFields(error) });
    }
  }
}
