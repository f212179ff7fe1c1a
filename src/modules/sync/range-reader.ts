import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock.js';
import type { Lease } from './lease.js';
import { Pace } from './pace.js';
import { RangeBook } from './range-book.js';
import type { Round } from './round.js';
import { roundErrorOf } from './round-error.js';
import { SYNC_CONFIG, type SyncConfig } from './sync.config.js';
import { SyncError } from './sync.errors.js';
import { SYNC_METRICS, type SyncMetrics } from './sync.metrics.js';
import { SyncPeerClient } from './sync-peer.client.js';

export interface ReadOptions {
  /** What the peer claims now. */
  readonly claimed: () => number;
  /** Whether another peer could take over. */
  readonly hasRival: () => boolean;
  /** Called after each block. */
  readonly onBlock: () => void;
}

/** Reads the blocks of leased ranges from one stream into the book. */
@Injectable()
export class RangeReader {
  constructor(
    private readonly client: SyncPeerClient,
    private readonly book: RangeBook,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SYNC_CONFIG) private readonly config: SyncConfig,
    @Inject(SYNC_METRICS) private readonly metrics: SyncMetrics,
  ) {}

  /**
   * From one range to the next for as long as the next is free. Ends the round's streaming; never rejects.
   * @returns What the peer did wrong, if anything.
   */
  async read(round: Round, first: Lease, options: ReadOptions): Promise<SyncError | undefined> {
    let lease = first;
    const read = async () => {
      this.metrics.rangeLeased();
      if (!(await this.book.room(lease))) return;
      const pace = new Pace(this.config);
      let askedAtMs = this.clock.monotonicMs();
      for await (const block of this.client.getBlocks(round.peerId, round.from, round.signal)) {
        const waitedMs = this.clock.monotonicMs() - askedAtMs;
        round.waited(waitedMs);
        if (!this.book.put(lease, block)) return;
        const next = lease.isOpen ? lease : this.book.leaseBehind(lease, options.claimed());
        options.onBlock();
        if (next === undefined) return;
        if (next !== lease) this.metrics.rangeLeased();
        lease = next;
        const slow = pace.measure(block.length, waitedMs);
        if (slow !== undefined && options.hasRival())
          throw new SyncError({ code: 'SYNC.TOO_SLOW', peerId: round.peerId, ...slow });
        if (!this.book.hasRoom(lease) && !(await this.book.room(lease))) return;
        askedAtMs = this.clock.monotonicMs();
      }
      if (lease.isOpen) throw unserved(round, lease);
    };
    let error: SyncError | undefined;
    try {
      await read();
    } catch (cause) {
      error = roundErrorOf(cause, { peerId: round.peerId, height: nextOf(lease) });
    }
    // What it was cancelled for comes first: the stream only says that it was cancelled.
    if (round.signal.aborted) error = round.error ?? new SyncError({ code: 'SYNC.CANCELLED' });
    if (lease.isOpen) this.metrics.rangeUnfinished(error?.code ?? 'yielded');
    this.book.close(lease);
    round.closed(error);
    return error;
  }
}

function unserved({ peerId, claimed }: Round, lease: Lease): SyncError {
  return new SyncError({ code: 'SYNC.HEIGHT_NOT_SERVED', peerId, claimed, reached: nextOf(lease) - 1 });
}

function nextOf({ start, blocks }: Lease): number {
  return start + blocks.length;
}
