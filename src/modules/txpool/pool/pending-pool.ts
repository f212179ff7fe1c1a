import { setImmediate as nextTurn } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { Subject } from 'rxjs';
import { CLOCK, type Clock } from '../../../common/clock.js';
import type { CheckedTransaction } from '../check/check-transaction.js';
import type { PooledTransaction, TransactionSource } from '../ports/txpool.port.js';
import { TXPOOL_CONFIG, type TxPoolConfig } from '../txpool.config.js';
import { TxPoolError } from '../txpool.errors.js';
import type { DropReason, TxPoolEvent } from '../txpool.events.js';
import { TXPOOL_METRICS, type TxPoolMetrics } from '../txpool.metrics.js';
import { MinedBlocks } from './mined-blocks.js';
import { PoolBook, type PoolEntry } from './pool-book.js';
import { RecentMap } from './recent-map.js';

/** Mined transactions that are known again when gossip brings them late. */
const MAX_RECENTLY_MINED = 16_384;

/** Transactions of a block handled in a turn of the event loop: finding out who signed takes most of a millisecond. */
const MINED_PER_TURN = 32;

/** Who brought a transaction; of gossip, which neighbour. */
export type TransactionOrigin =
  | { readonly source: Exclude<TransactionSource, 'gossip'> }
  | { readonly source: 'gossip'; readonly receivedFrom: string };

/** A transaction of a block. What costs is only asked for when it can matter. */
export interface MinedTransaction {
  readonly hash: string;
  nonce(): bigint;
  /** Undefined where the signature belongs to nobody. */
  sender(): string | undefined;
}

/** The transactions that wait to be mined, and what becomes of them. */
@Injectable()
export class PendingPool implements BeforeApplicationShutdown {
  private readonly eventsSubject = new Subject<TxPoolEvent>();
  readonly events$ = this.eventsSubject.asObservable();
  private readonly book: PoolBook;
  private readonly minedBlocks = new MinedBlocks();
  /** Hash to hash of the block. */
  private readonly recentlyMined = new RecentMap<string>(MAX_RECENTLY_MINED);
  private cancelTimer: (() => void) | undefined;
  private isClosed = false;

  constructor(
    @Inject(TXPOOL_CONFIG) private readonly config: TxPoolConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(TXPOOL_METRICS) private readonly metrics: TxPoolMetrics,
  ) {
    this.book = new PoolBook(config);
  }

  get size(): number {
    return this.book.size;
  }

  get(hash: string): PooledTransaction | undefined {
    return this.book.get(hash);
  }

  /** Whether it waits, or was mined of late. */
  knows(hash: string): boolean {
    return this.book.get(hash) !== undefined || this.recentlyMined.has(hash);
  }

  /**
   * @param origin Of gossip, with the neighbour that brought it.
   * @param baseFee Of the next block, to compare prices by.
   * @throws {TxPoolError} TXPOOL.ALREADY_KNOWN | TXPOOL.REPLACEMENT_UNDERPRICED | TXPOOL.SENDER_FULL | TXPOOL.FULL
   */
  admit(transaction: CheckedTransaction, origin: TransactionOrigin, baseFee: bigint): PooledTransaction {
    const { hash } = transaction;
    if (this.recentlyMined.has(hash)) throw new TxPoolError({ code: 'TXPOOL.ALREADY_KNOWN', hash });
    return this.put({ ...transaction, ...origin, receivedAtMs: this.clock.nowMs() }, baseFee);
  }

  /**
   * A block has become part of the chain: its transactions wait no more, nor do those whose nonces they used, for which
   * it takes several turns of the event loop. One block after the other.
   */
  async mine(
    block: { readonly number: number; readonly hash: string },
    transactions: readonly MinedTransaction[],
  ): Promise<void> {
    const ours: PoolEntry[] = [];
    const others = transactions.filter(({ hash }) => {
      this.recentlyMined.set(hash, block.hash);
      const entry = this.book.remove(hash);
      if (entry === undefined) return true;
      ours.push(entry);
      this.metrics.mined();
      this.tell({ type: 'txpool:mined', hash, blockNumber: block.number, atMs: this.clock.nowMs() });
      return false;
    });
    if (ours.length > 0) this.minedBlocks.put(block.hash, ours);
    for (let at = 0; at < others.length; at += MINED_PER_TURN) {
      if (at > 0) await nextTurn();
      for (const other of others.slice(at, at + MINED_PER_TURN)) this.dropOthers(other);
    }
    this.measure();
  }

  /** A block is part of the chain no more: those of its transactions that were here wait again. */
  takeBack(blockHash: string, baseFee: bigint): void {
    this.recentlyMined.deleteValue(blockHash);
    for (const entry of this.minedBlocks.take(blockHash)) {
      try {
        this.put(entry, baseFee);
      } catch (error) {
        if (!(error instanceof TxPoolError)) throw error;
        // Mined so long ago that it was taken anew meanwhile: it waits already.
        if (error.code === 'TXPOOL.ALREADY_KNOWN') continue;
        this.gaveUp(entry.hash, error.code === 'TXPOOL.REPLACEMENT_UNDERPRICED' ? 'replaced' : 'no-room');
      }
    }
  }

  beforeApplicationShutdown(): void {
    this.isClosed = true;
    this.cancelTimer?.();
    this.eventsSubject.complete();
  }

  private put(transaction: Omit<PoolEntry, 'expiresAtMs'>, baseFee: bigint): PooledTransaction {
    const { hash, source } = transaction;
    const expiresAtMs = this.clock.monotonicMs() + this.config.lifetimeMs;
    const entry = { ...transaction, expiresAtMs };
    const { replaced, displaced } = this.book.admit(entry, baseFee);
    for (const gone of displaced) this.gaveUp(gone.hash, 'no-room');
    if (replaced !== undefined) this.gaveUp(replaced.hash, 'replaced');
    this.metrics.added(source);
    this.measure();
    this.tell({ type: 'txpool:added', hash, atMs: this.clock.nowMs() });
    this.expireInTime();
    return entry;
  }

  private dropOthers(mined: MinedTransaction): void {
    if (this.book.size === 0) return;
    const nonce = mined.nonce();
    // Most nonces are of no transaction here, which spares finding out who signed.
    if (!this.book.hasNonce(nonce)) return;
    const sender = mined.sender();
    const other = sender === undefined ? undefined : this.book.at(sender, nonce);
    if (other === undefined) return;
    this.book.remove(other.hash);
    this.gaveUp(other.hash, 'nonce-used');
  }

  /** One timer, for the oldest. */
  private expireInTime(): void {
    const { oldest } = this.book;
    if (this.isClosed || this.cancelTimer !== undefined || oldest === undefined) return;
    this.cancelTimer = this.clock.setTimeout(() => {
      this.cancelTimer = undefined;
      this.expire();
      this.expireInTime();
    }, oldest.expiresAtMs - this.clock.monotonicMs());
  }

  private expire(): void {
    const nowMs = this.clock.monotonicMs();
    for (
      let { oldest } = this.book;
      oldest !== undefined && oldest.expiresAtMs <= nowMs;
      { oldest } = this.book
    ) {
      this.book.remove(oldest.hash);
      this.gaveUp(oldest.hash, 'timed-out');
    }
    this.measure();
  }

  private gaveUp(hash: string, reason: DropReason): void {
    this.metrics.dropped(reason);
    this.tell({ type: 'txpool:dropped', hash, reason, atMs: this.clock.nowMs() });
  }

  private tell(event: TxPoolEvent): void {
    this.eventsSubject.next(event);
  }

  private measure(): void {
    this.metrics.holds(this.book.size, this.book.bytes);
  }
}
