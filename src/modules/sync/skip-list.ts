import type { Backoff } from '../../common/backoff.js';
import type { Clock } from '../../common/clock.js';

/** More than any peer table holds, so that only identities of long ago are forgotten. */
const MAX_ENTRIES = 1_024;

interface Skipped {
  readonly strikes: number;
  /** On the monotonic clock. */
  readonly untilMs: number;
}

/**
 * Peers that failed and are left alone for a while, longer each time. It outlives connections: a liar that comes back is
 * still on it.
 * @see polygon-edge@597a0f3 syncer/syncer.go Sync, its skipList
 * @remarks Differs: each entry ends by time; the Go client's list is cleared when nobody else is left, which lets it ask
 * the same liar in every round.
 */
export class SkipList {
  /** Oldest failure first. */
  private readonly entries = new Map<string, Skipped>();

  constructor(
    private readonly backoff: Backoff,
    private readonly clock: Clock,
  ) {}

  skip(peerId: string): void {
    const strikes = this.strikes(peerId) + 1;
    this.entries.delete(peerId);
    this.entries.set(peerId, { strikes, untilMs: this.clock.monotonicMs() + this.backoff.afterMs(strikes) });
    const [oldest] = this.entries.keys();
    if (this.entries.size > MAX_ENTRIES && oldest !== undefined) this.entries.delete(oldest);
  }

  /** The peer served well. */
  forgive(peerId: string): void {
    this.entries.delete(peerId);
  }

  /** Failures since the peer last served well. */
  strikes(peerId: string): number {
    return this.entries.get(peerId)?.strikes ?? 0;
  }

  has(peerId: string): boolean {
    return this.remainingMs(peerId) > 0;
  }

  /** How long until the peer may be asked again, ms; 0 when it may now. */
  remainingMs(peerId: string): number {
    const entry = this.entries.get(peerId);
    return entry === undefined ? 0 : Math.max(0, entry.untilMs - this.clock.monotonicMs());
  }
}
