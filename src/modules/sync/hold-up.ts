import type { Clock } from '../../common/clock.js';
import type { Lease } from './lease.js';

export interface HoldUpOptions {
  readonly clock: Clock;
  readonly limitMs: number;
  /** The next blocks were waited for that long. Called again after each further `limitMs`. */
  onHeldUp(lease: Lease, waitedMs: number): void;
}

/** Adds up how long the chain waits for the blocks of one lease, while it has nothing else to do. */
export class HoldUp {
  readonly #options: HoldUpOptions;
  #lease: Lease | undefined;
  #waitedMs = 0;
  #sinceMs: number | undefined;
  #cancel: () => void = () => {};

  constructor(options: HoldUpOptions) {
    this.#options = options;
  }

  /** @param lease What is waited for; undefined when the chain is busy, or nobody has the next block. */
  waitFor(lease: Lease | undefined): void {
    if (lease !== undefined && lease === this.#lease && this.#sinceMs !== undefined) return;
    this.stop();
    if (lease === undefined) return;
    if (lease !== this.#lease) this.#waitedMs = 0;
    this.#lease = lease;
    this.#sinceMs = this.#options.clock.monotonicMs();
    this.#arm(lease);
  }

  /** The wait is over, for now. */
  stop(): void {
    this.#cancel();
    if (this.#sinceMs === undefined) return;
    this.#waitedMs += this.#options.clock.monotonicMs() - this.#sinceMs;
    this.#sinceMs = undefined;
  }

  #arm(lease: Lease): void {
    const { clock, limitMs } = this.#options;
    const leftMs = limitMs - (this.#waitedMs % limitMs);
    this.#cancel = clock.setTimeout(() => {
      this.stop();
      this.#sinceMs = clock.monotonicMs();
      this.#arm(lease);
      this.#options.onHeldUp(lease, this.#waitedMs);
    }, leftMs);
  }
}
