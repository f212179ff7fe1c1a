import { setImmediate as macrotask } from 'node:timers/promises';
import type { Clock } from '../../src/common/clock.js';

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. Wall and monotonic time move together. */
export class ManualClock implements Clock {
  /** In the order they were set, which breaks ties. */
  readonly #timers = new Set<Timer>();
  #elapsedMs = 0;
  readonly #startMs: number;

  /** @param startMs Wall time at the beginning, ms since the epoch. */
  constructor(startMs = 1_700_000_000_000) {
    this.#startMs = startMs;
  }

  /** Timers that wait; 0 shows that nothing was left behind. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  nowMs(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  setTimeout(callback: () => void, delayMs: number): () => void {
    const timer: Timer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /**
   * Moves time and runs what falls due, in order of time, timers set by those timers included.
   * A callback that throws ends the run at its moment.
   */
  advance(ms: number): void {
    const untilMs = this.#elapsedMs + ms;
    while (this.#runNext(untilMs)) {}
    this.#elapsedMs = untilMs;
  }

  /** Like {@link advance}, but lets promises and I/O settle after each timer, so that loops which await a timer go on. */
  async advanceAsync(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    await macrotask();
    while (this.#runNext(untilMs)) await macrotask();
    this.#elapsedMs = untilMs;
  }

  #runNext(untilMs: number): boolean {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs <= untilMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
    }
    if (next === undefined) return false;
    this.#timers.delete(next);
    this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs);
    next.callback();
    return true;
  }
}
