import type { Clock } from '../../../common/clock.js';

/** Allows so many of something at once and so many a second. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #refilledAtMs: number;

  constructor(clock: Clock, { burst, perSecond }: { burst: number; perSecond: number }) {
    this.#clock = clock;
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
    this.#refilledAtMs = clock.monotonicMs();
  }

  /** Takes some off; false when there were too many. */
  spend(count: number): boolean {
    const nowMs = this.#clock.monotonicMs();
    const earned = ((nowMs - this.#refilledAtMs) / 1_000) * this.#perSecond;
    this.#refilledAtMs = nowMs;
    this.#left = Math.min(this.#burst, this.#left + earned) - count;
    return this.#left >= 0;
  }
}
