import type { Clock } from './clock.js';

/** Neighbours that are remembered; the one heard longest ago goes first. */
const MAX_REMEMBERED = 4_096;
/** How far back it counts what a neighbour sent, ms: two thirds of the count are forgotten in this time. */
const MEMORY_MS = 1_000;

interface FairAllowanceOptions {
  /** What one neighbour wins back per second, and what it may send at once. */
  readonly perSecond: number;
  readonly burst: number;
  /** The same for all neighbours together. */
  readonly totalPerSecond: number;
  readonly totalBurst: number;
}

/** Whose allowance is spent: the neighbour's own, or the one of all of them. */
type Refusal = 'neighbour-rate' | 'total-rate';

interface Usage {
  tokens: number;
  /** Between what it sent in the last {@link MEMORY_MS} and what was heard of that, which evens out among equals. */
  recent: number;
  atMs: number;
}

/**
 * A token bucket for each neighbour and one for all of them. When the common one runs short, those that sent most lose
 * first: the emptier it is, the closer to an equal share is what a neighbour may have sent and still be heard. One that
 * sends less than its equal share is always heard.
 */
export class FairAllowances {
  readonly #clock: Clock;
  readonly #options: FairAllowanceOptions;
  readonly #usage = new Map<string, Usage>();
  #total: number;
  #totalAtMs: number;
  #sweptAtMs: number;

  constructor(clock: Clock, options: FairAllowanceOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#total = options.totalBurst;
    this.#totalAtMs = this.#sweptAtMs = clock.monotonicMs();
  }

  /** Neighbours that count for the equal share. */
  get active(): number {
    return this.#usage.size;
  }

  /**
   * @param cost More than a bucket holds counts as a full bucket, so that nothing is too dear for ever.
   * @param isShared Whether it costs all neighbours too.
   * @returns who has nothing left; undefined when it was taken.
   */
  take(neighbour: string, cost = 1, isShared = true): Refusal | undefined {
    const { burst, totalBurst } = this.#options;
    const nowMs = this.#clock.monotonicMs();
    this.#sweep(nowMs);
    const usage = this.#refreshed(neighbour, nowMs);
    const price = Math.min(cost, burst, totalBurst);
    if (usage.tokens < price) return 'neighbour-rate';
    usage.tokens -= price;
    if (!isShared) return undefined;
    const earned = ((nowMs - this.#totalAtMs) / 1_000) * this.#options.totalPerSecond;
    this.#total = Math.min(totalBurst, this.#total + earned);
    this.#totalAtMs = nowMs;
    const isHeard = this.#total >= price && usage.recent <= this.#level();
    usage.recent += price / 2;
    if (!isHeard) return 'total-rate';
    usage.recent += price / 2;
    this.#total -= price;
    return undefined;
  }

  /** What a neighbour may have sent lately: anything down to half the common bucket, then ever less. */
  #level(): number {
    const { totalPerSecond, totalBurst } = this.#options;
    const fill = this.#total / (totalBurst / 2);
    if (fill >= 1) return Number.POSITIVE_INFINITY;
    return totalPerSecond / this.#usage.size / (1 - fill);
  }

  #refreshed(neighbour: string, nowMs: number): Usage {
    const { burst, perSecond } = this.#options;
    const usage = this.#usage.get(neighbour) ?? { tokens: burst, recent: 0, atMs: nowMs };
    const passedMs = nowMs - usage.atMs;
    usage.tokens = Math.min(burst, usage.tokens + (passedMs / 1_000) * perSecond);
    usage.recent *= Math.exp(-passedMs / MEMORY_MS);
    usage.atMs = nowMs;
    this.#usage.delete(neighbour);
    this.#usage.set(neighbour, usage);
    if (this.#usage.size > MAX_REMEMBERED) {
      const [oldest] = this.#usage.keys();
      if (oldest !== undefined) this.#usage.delete(oldest);
    }
    return usage;
  }

  /** Forgets, once a second, those whose bucket is full again; to forget them sooner would give them a second burst. */
  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptAtMs < MEMORY_MS) return;
    this.#sweptAtMs = nowMs;
    const { burst, perSecond } = this.#options;
    for (const [neighbour, { tokens, atMs }] of this.#usage) {
      const passedMs = nowMs - atMs;
      const isFull = tokens + (passedMs / 1_000) * perSecond >= burst;
      if (isFull && passedMs >= 4 * MEMORY_MS) this.#usage.delete(neighbour);
    }
  }
}
