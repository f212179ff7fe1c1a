import { Backoff, type BackoffLimits } from '../../../common/backoff.js';
import type { Clock } from '../../../common/clock.js';
import type { Random } from '../../../common/random.js';
import type { PeerId } from '../ports/types.js';

export interface DialBackoffLimits extends BackoffLimits {
  /** Peers remembered; beyond it the one that failed longest ago is forgotten. */
  readonly capacity: number;
}

interface Failures {
  readonly count: number;
  readonly retryAtMs: number;
}

/** Remembers peers that cannot be reached or do not want us, and when to try them again. */
export class DialBackoff {
  readonly #failures = new Map<PeerId, Failures>();
  readonly #backoff: Backoff;

  constructor(
    private readonly limits: DialBackoffLimits,
    private readonly clock: Clock,
    random: Random,
  ) {
    this.#backoff = new Backoff(limits, random);
  }

  /** Counts a failure; the wait begins now. */
  failed(peerId: PeerId): void {
    const count = (this.#failures.get(peerId)?.count ?? 0) + 1;
    this.#failures.delete(peerId);
    if (this.#failures.size >= this.limits.capacity) this.#forgetOldest();
    const retryAtMs = this.clock.monotonicMs() + this.#backoff.afterMs(count);
    this.#failures.set(peerId, { count, retryAtMs });
  }

  succeeded(peerId: PeerId): void {
    this.#failures.delete(peerId);
  }

  /** Failures in a row. */
  failuresOf(peerId: PeerId): number {
    return this.#failures.get(peerId)?.count ?? 0;
  }

  /** Time left before the peer may be dialed, ms; 0 when it may be now. */
  waitMs(peerId: PeerId): number {
    const failures = this.#failures.get(peerId);
    return failures === undefined ? 0 : Math.max(0, failures.retryAtMs - this.clock.monotonicMs());
  }

  #forgetOldest(): void {
    for (const peerId of this.#failures.keys()) {
      this.#failures.delete(peerId);
      return;
    }
  }
}
