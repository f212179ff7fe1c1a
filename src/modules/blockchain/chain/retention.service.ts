import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { errorFields } from '../../../common/app-error.js';
import { CLOCK, type Clock } from '../../../common/clock.js';
import { LOGGER, type Logger } from '../../../common/logger.port.js';
import { onEvent } from '../../../common/on-event.js';
import { BLOCKCHAIN_CONFIG, type BlockchainConfig } from '../blockchain.config.js';
import { BLOCK_STORE, type BlockStore } from '../ports/block-store.port.js';
import { CHAIN, type Chain } from '../ports/chain.port.js';
import type { ChainHead } from '../ports/types.js';
import { ChainService } from './chain.service.js';

/** Blocks removed in one transaction, so that inserts between two are not held up. */
const STEP_BLOCKS = 256;
/** Kept whatever the settings say: what a restart checks, and what a branch may fork from. */
const MIN_BLOCKS = 1_000;

/** Removes old blocks as the settings say, step by step between inserts. */
@Injectable()
export class RetentionService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly controller = new AbortController();
  private readonly log: Logger;
  private running: Promise<void> = Promise.resolve();
  private isRunning = false;

  constructor(
    @Inject(CHAIN) private readonly chain: Chain,
    private readonly service: ChainService,
    @Inject(BLOCK_STORE) private readonly store: BlockStore,
    @Inject(BLOCKCHAIN_CONFIG) private readonly config: BlockchainConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.log = logger.child('retention');
  }

  onApplicationBootstrap(): void {
    const { blocks, seconds, bytes } = this.config.retention;
    if (blocks === 0 && seconds === 0 && bytes === 0) return;
    const { signal } = this.controller;
    onEvent(this.chain.head$, (head) => this.start(head), { signal, log: this.log });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.controller.abort();
    await this.running;
  }

  /** Heads that come while one is being worked on are left to the next. */
  private start(head: ChainHead): void {
    if (this.isRunning || this.controller.signal.aborted) return;
    this.isRunning = true;
    this.running = this.prune(head)
      .catch((error: unknown) => this.log.warn('old blocks could not be removed', errorFields(error)))
      .finally(() => {
        this.isRunning = false;
      });
  }

  private async prune(head: ChainHead): Promise<void> {
    const newest = head.number - MIN_BLOCKS;
    const below = Math.min(newest, Math.max(this.belowByCount(head), await this.belowByAge()));
    while (!this.controller.signal.aborted) {
      const byBytes = (await this.isTooLarge()) ? this.chain.info().tail + STEP_BLOCKS : 0;
      const target = Math.min(newest, Math.max(below, byBytes));
      if (target <= this.chain.info().tail || !(await this.service.prune(target, STEP_BLOCKS))) return;
    }
  }

  private belowByCount({ number }: ChainHead): number {
    const { blocks } = this.config.retention;
    return blocks === 0 ? 0 : number - blocks + 1;
  }

  /** At most a step further than now, as times are looked up one by one. */
  private async belowByAge(): Promise<number> {
    const { seconds } = this.config.retention;
    if (seconds === 0) return 0;
    const oldest = BigInt(Math.floor(this.clock.nowMs() / 1_000) - seconds);
    const tail = Math.max(1, this.chain.info().tail);
    for (let number = tail; number < tail + STEP_BLOCKS; number++) {
      const header = await this.chain.header(number);
      if (header === undefined || header.timestamp >= oldest) return number;
    }
    return tail + STEP_BLOCKS;
  }

  private async isTooLarge(): Promise<boolean> {
    const { bytes } = this.config.retention;
    return bytes > 0 && (await this.store.bodyBytes()) > bytes;
  }
}
