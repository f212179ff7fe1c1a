import type { Clock } from '../../../common/clock.js';
import type { Random } from '../../../common/random.js';
import type { PeerId } from '../ports/types.js';

export interface BackoffLimits {
  /** The first wait, ms; doubles with each failure in a row. */
  readonly baseMs: number;
  /** The longest wait, ms. */
  readonly maxMs: number;
  /** Peers remembered; beyond it the one that failed longest ago is forgotten. */
  readonly capacity: number;
}

interface Failures {
  readonly count: number;
  readonly retryAtMs: number;
}

/**
 * How long a wait after `failures` in a row is: between half and all of base·2^(failures-1), capped at the maximum.
 * The half that is random keeps nodes that lost the same peer from coming back together.
 */
export function backoffMs(failures: number, { baseMs, maxMs }: BackoffLimits, random: Random): number {
  const fullMs = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30));
  return Math.ceil(fullMs / 2) + random.below(Math.floor(fullMs / 2) + 1);
}

/** Remembers peers that cannot be reached or do not want us, and when to try them again. */
export class DialBackoff {
  readonly #failures = new Map<PeerId, Failures>();

  constructor(
    private readonly limits: BackoffLimits,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** Counts a failure; the wait begins now. */
  failed(peerId: PeerId): void {
    const count = (this.#failures.get(peerId)?.count ?? 0) + 1;
    this.#failures.delete(peerId);
    if (this.#failures.size >= this.limits.capacity) this.#forgetOldest();
    const retryAtMs = this.clock.monotonicMs() + backoffMs(count, this.limits, this.random);
    this.#failures.set(peerId, { count, retryAtMs });
  }

  succeeded(peerId: PeerId): void {
    this.#failures.delete(peerId);
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
