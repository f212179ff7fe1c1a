import { setImmediate as macrotask } from 'node:timers/promises';
import type { Clock } from '../../src/common/clock.js';

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  /** undefined: cancelled. */
  callback: (() => void) | undefined;
}

/** Time of a simulation: stands still while work is done, and jumps from timer to timer. Made for very many timers. */
export class SimClock implements Clock {
  readonly #startMs = 1_700_000_000_000;
  readonly #heap: Timer[] = [];
  #elapsedMs = 0;
  #lastOrder = 0;

  nowMs(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  setTimeout(callback: () => void, delayMs: number): () => void {
    const timer: Timer = {
      dueMs: this.#elapsedMs + Math.max(0, delayMs),
      order: ++this.#lastOrder,
      callback,
    };
    this.#push(timer);
    return () => {
      timer.callback = undefined;
    };
  }

  /** Runs all that falls due until then; between two moments every promise that can go on does. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    await macrotask();
    for (let first = this.#heap[0]; first !== undefined && first.dueMs <= untilMs; first = this.#heap[0]) {
      this.#elapsedMs = Math.max(this.#elapsedMs, first.dueMs);
      let ran = false;
      for (
        let next = this.#heap[0];
        next !== undefined && next.dueMs <= this.#elapsedMs;
        next = this.#heap[0]
      ) {
        this.#pop();
        ran ||= next.callback !== undefined;
        next.callback?.();
      }
      if (ran) await macrotask();
    }
    this.#elapsedMs = untilMs;
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, timer)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      if (left === undefined) break;
      const [child, where] =
        right !== undefined && isBefore(right, left) ? [right, 2 * at + 2] : [left, 2 * at + 1];
      if (isBefore(last, child)) break;
      heap[at] = child;
      at = where;
    }
    heap[at] = last;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
