import { errorFields } from '../../common/app-error.js';
import { type Clock, delay } from '../../common/clock.js';
import type { Logger } from '../../common/logger.port.js';

export interface RunEveryOptions {
  clock: Clock;
  /** From the end of a run to the next, ms; the first run comes after one interval. */
  intervalMs: number;
  signal: AbortSignal;
  log: Logger;
}

/** Repeats `work` until the signal aborts. A run that fails is logged and the loop goes on. Never rejects. */
export async function runEvery(
  { clock, intervalMs, signal, log }: RunEveryOptions,
  work: (signal: AbortSignal) => void | Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await delay(clock, intervalMs, signal);
      await work(signal);
    } catch (error) {
      if (!signal.aborted) log.error('periodic work failed', errorFields(error));
    }
  }
}
