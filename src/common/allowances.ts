import type { Clock } from './clock.js';

/** Holders whose allowance is remembered; the one seen longest ago goes first. */
const MAX_REMEMBERED = 4_096;

interface Allowance {
  /** Below zero: promised to those that wait for their turn. */
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

  /** Takes that many; false when not so many are left, which costs the holder nothing more. */
  take(key: string, count = 1): boolean {
    const allowance = this.#refilled(key);
    if (allowance.tokens < count) return false;
    allowance.tokens -= count;
    return true;
  }

  /** How long until the holder may take one, ms; takes nothing, and remembers nobody. */
  waitMs(key: string): number {
    const known = this.#byKey.get(key);
    return known === undefined ? 0 : this.#waitMs(this.#refilled(key));
  }

  /**
   * Takes one now or later: the time until it is won back, ms; undefined, and nothing is taken, when that is longer
   * than the holder may wait.
   */
  takeInTurn(key: string, maxWaitMs: number): number | undefined {
    const allowance = this.#refilled(key);
    const waitMs = this.#waitMs(allowance);
    if (waitMs > maxWaitMs) return undefined;
    allowance.tokens -= 1;
    return waitMs;
  }

  #waitMs({ tokens }: Allowance): number {
    return Math.max(0, ((1 - tokens) / this.#perSecond) * 1_000);
  }

  #refilled(key: string): Allowance {
    const nowMs = this.#clock.monotonicMs();
    const allowance = this.#byKey.get(key) ?? { tokens: this.#burst, atMs: nowMs };
    const earned = ((nowMs - allowance.atMs) / 1_000) * this.#perSecond;
    allowance.tokens = Math.min(this.#burst, allowance.tokens + earned);
    allowance.atMs = nowMs;
    this.#byKey.delete(key);
    this.#byKey.set(key, allowance);
    if (this.#byKey.size > MAX_REMEMBERED) {
      const [oldest] = this.#byKey.keys();
      if (oldest !== undefined) this.#byKey.delete(oldest);
    }
    return allowance;
  }
}
