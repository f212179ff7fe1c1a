import type { Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import type { InsertResult } from '../ports/chain.port.js';

const LINE_INTERVAL_MS = 5_000;

/** Counts what a restore stores, and tells every 5 s how far it is and how fast. */
export class RestoreProgress {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #latest: number | undefined;
  #lineMs: number;
  #lineHeight: number | undefined;
  #restored = 0;

  /** @param latest Where the archive says that it ends. */
  constructor({ log, clock }: { log: Logger; clock: Clock }, latest: number | undefined) {
    this.#log = log;
    this.#clock = clock;
    this.#latest = latest;
    this.#lineMs = clock.monotonicMs();
  }

  get restored(): number {
    return this.#restored;
  }

  inserted({ inserted, head: { number: height } }: InsertResult): void {
    this.#restored += inserted.length;
    const sinceMs = this.#clock.monotonicMs() - this.#lineMs;
    this.#lineHeight ??= height - inserted.length;
    if (sinceMs < LINE_INTERVAL_MS) return;
    const blocksPerSecond = Math.round(((height - this.#lineHeight) * 1_000) / sinceMs);
    this.#log.info('restoring', { height, latest: this.#latest, blocksPerSecond });
    this.#lineMs += sinceMs;
    this.#lineHeight = height;
  }
}
