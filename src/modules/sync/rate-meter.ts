import type { Clock } from '../../common/clock.js';

const SAMPLE_MS = 1_000;
/** The weight of what is that old has fallen to 1/e, ms. */
const MEMORY_MS = 10_000;

/** A moving average of things per second. */
export class RateMeter {
  readonly #clock: Clock;
  #sinceMs: number;
  #count = 0;
  #perSecond: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.monotonicMs();
  }

  /** Undefined until a second has passed. */
  get perSecond(): number | undefined {
    return this.#perSecond;
  }

  /** Begins anew. */
  reset(): void {
    this.#sinceMs = this.#clock.monotonicMs();
    this.#count = 0;
    this.#perSecond = undefined;
  }

  add(count: number): void {
    this.#count += count;
    const passedMs = this.#clock.monotonicMs() - this.#sinceMs;
    if (passedMs < SAMPLE_MS) return;
    const rate = (this.#count * 1_000) / passedMs;
    const weight = 1 - Math.exp(-passedMs / MEMORY_MS);
    this.#perSecond =
      this.#perSecond === undefined ? rate : this.#perSecond + weight * (rate - this.#perSecond);
    this.#sinceMs += passedMs;
    this.#count = 0;
  }
}
