import type { Clock } from '../../../../common/clock.js';

/** Holders whose allowance is remembered; the one seen longest ago goes first. */
const MAX_REMEMBERED = 4_096;

interface Allowance {
  tokens: number;
  atMs: number;
}

/** A token bucket for each holder of a key: so many at once, so many won back per second. */
export class Allowances {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #byKey = new Map<string, Allowance>();

  constructor(clock: Clock, { burst, perSecond }: { burst: number; perSecond: number }) {
    this.#clock = clock;
    this.#burst = burst;
    this.#perSecond = perSecond;
  }

  /** Takes one; false when none is left, which costs the holder nothing more. */
  take(key: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    const last = this.#byKey.get(key) ?? { tokens: this.#burst, atMs: nowMs };
    const refilled = last.tokens + ((nowMs - last.atMs) / 1_000) * this.#perSecond;
    const tokens = Math.min(this.#burst, refilled);
    const granted = tokens >= 1;
    this.#byKey.delete(key);
    this.#byKey.set(key, { tokens: granted ? tokens - 1 : tokens, atMs: nowMs });
    if (this.#byKey.size > MAX_REMEMBERED) {
      const [oldest] = this.#byKey.keys();
      if (oldest !== undefined) this.#byKey.delete(oldest);
    }
    return granted;
  }
}
