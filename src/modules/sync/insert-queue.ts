import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock.js';
import { BlockchainError, CHAIN, CHAIN_WRITER, type Chain, type ChainWriter } from '../blockchain/index.js';
import type { PeerId } from '../network/index.js';
import type { Batch } from './lease.js';
import { RangeBook } from './range-book.js';
import type { Round } from './round.js';
import { SYNC_METRICS, type SyncMetrics } from './sync.metrics.js';

/** So many that one is verified while one is stored and one is made up. */
const MAX_INSERTS = 3;

/** Why the chain does not go on. Nothing is being inserted then, and what it did not take waits in the book again. */
export interface InsertFailure {
  /** Undefined: all went well, but the blocks did not bring the head as far as their number should. */
  readonly error: unknown;
  /** The first that was not stored. */
  readonly height: number;
  /** Who owes that block. */
  readonly round: Round;
}

export interface InsertListener {
  /** These blocks of one peer are durable. */
  onStored(peerId: PeerId, from: number, blocks: readonly Uint8Array[]): void;
  onFailed(failure: InsertFailure): void;
  /** The chain has nothing to do. */
  onIdle(): void;
}

interface Failed {
  readonly batch: Batch;
  readonly error: unknown;
}

/**
 * Hands what waits in the book to the chain: full batches, a few at a time, and smaller ones while the chain has nothing
 * to do. After a failure all inserts under way are waited for.
 */
@Injectable()
export class InsertQueue {
  #run: { readonly listener: InsertListener; readonly signal: AbortSignal } | undefined;
  #inFlight = 0;
  #failed: Failed[] = [];
  #short: Omit<InsertFailure, 'error'> | undefined;
  /** Blocks that went in and did not come to stand at their height. */
  #lost: { readonly round: Round; readonly count: number }[] = [];
  #isHeld = false;
  #lastAlone: Promise<unknown> = Promise.resolve();
  #wakers: (() => void)[] = [];

  constructor(
    private readonly book: RangeBook,
    @Inject(CHAIN) private readonly chain: Chain,
    @Inject(CHAIN_WRITER) private readonly writer: ChainWriter,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SYNC_METRICS) private readonly metrics: SyncMetrics,
  ) {}

  /** Whether the chain has done all that it was given, and may be given more. */
  get isIdle(): boolean {
    return this.#inFlight === 0 && !this.#isHeld;
  }

  /** Nothing is inserted before that, nor after the signal aborts. */
  start(listener: InsertListener, signal: AbortSignal): void {
    this.#run = { listener, signal };
  }

  /** While nothing is leased or under way, the head may have moved by other means. */
  align(): void {
    if (this.isIdle && this.book.isEmpty) this.book.moveFloor(this.#head + 1);
  }

  /** Inserts what may be; to be called when blocks have come. */
  pump(): void {
    const run = this.#run;
    while (run !== undefined && !run.signal.aborted && this.#mayInsert()) {
      const batch = this.book.take(this.#inFlight > 0);
      if (batch === undefined) return;
      this.metrics.buffered(this.book.blocks, this.book.bytes);
      this.#inFlight += 1;
      void this.#insert(batch, run.signal);
    }
  }

  /** Runs `work` while nothing is being inserted, one at a time. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#lastAlone.then(async () => {
      this.#isHeld = true;
      try {
        await this.settled();
        return await work();
      } finally {
        this.#isHeld = false;
        this.pump();
      }
    });
    // Only the order: the failure is the caller's.
    this.#lastAlone = done.catch(() => undefined);
    return done;
  }

  /** Resolves when nothing is being inserted. */
  async settled(): Promise<void> {
    while (this.#inFlight > 0) await new Promise<void>((resolve) => this.#wakers.push(resolve));
  }

  get #head(): number {
    return this.chain.nextHeight() - 1;
  }

  #mayInsert(): boolean {
    const isWell = this.#failed.length === 0 && this.#short === undefined;
    return isWell && !this.#isHeld && this.#inFlight < MAX_INSERTS;
  }

  /** Never rejects. */
  async #insert(batch: Batch, signal: AbortSignal): Promise<void> {
    const startedMs = this.clock.monotonicMs();
    try {
      const { head } = await this.writer.insert(batch.blocks, { source: 'sync', signal });
      this.metrics.batchStored(batch.blocks.length, batch.bytes, this.clock.monotonicMs() - startedMs);
      this.#stored(batch, head.number);
    } catch (error) {
      this.#failed.push({ batch, error });
    }
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#settle();
    this.pump();
    if (this.isIdle) this.#run?.listener.onIdle();
  }

  #stored(batch: Batch, head: number): void {
    for (const part of batch.parts) {
      const count = part.count - this.#credit(batch, part, head);
      if (count === 0) continue;
      this.#short ??= { height: head + 1, round: part.round };
      this.#lost.push({ round: part.round, count });
    }
  }

  /** How many of the part are stored, which it tells. */
  #credit(batch: Batch, { round, from, count }: Batch['parts'][number], head: number): number {
    const stored = Math.min(count, Math.max(0, head + 1 - from));
    if (stored === 0) return 0;
    const at = from - batch.from;
    this.#run?.listener.onStored(round.peerId, from, batch.blocks.slice(at, at + stored));
    round.stored(stored, from + stored - 1);
    return stored;
  }

  /** Nothing is under way: what failed goes back to the book. */
  #settle(): void {
    const failed = this.#failed.sort((a, b) => a.batch.from - b.batch.from);
    const short = this.#short;
    this.#failed = [];
    this.#short = undefined;
    if (failed.length > 0 || short !== undefined) {
      const head = this.#head;
      for (const { batch } of failed) {
        for (const part of batch.parts) this.#credit(batch, part, head);
        this.book.putBack(batch, head);
      }
      // The head may be further by other means.
      this.book.moveFloor(Math.min(head + 1, this.book.floor));
      const failure = short === undefined ? failureOf(failed, head + 1) : { ...short, error: undefined };
      if (failure !== undefined) this.#run?.listener.onFailed(failure);
      for (const { round, count } of this.#lost.splice(0)) round.dropped(count);
    }
    for (const wake of this.#wakers.splice(0)) wake();
  }
}

function failureOf(failed: readonly Failed[], height: number): InsertFailure | undefined {
  // Those behind the one that failed are only cancelled.
  const first = failed.find(({ error }) => !isCancelled(error)) ?? failed[0];
  if (first === undefined) return undefined;
  const { parts } = first.batch;
  const part = parts.find(({ from, count }) => height < from + count) ?? parts.at(-1);
  return part && { error: first.error, height, round: part.round };
}

function isCancelled(error: unknown): boolean {
  return error instanceof BlockchainError && error.code === 'BLOCKCHAIN.CANCELLED';
}
