import type { Clock } from '../../common/clock.js';

/** Lets one loop sleep until something changes. A call that comes while the loop is awake is not lost. */
export class WakeUp {
  private called = false;
  private wakeSleeper: (() => void) | undefined;

  constructor(private readonly clock: Clock) {}

  call(): void {
    this.called = true;
    this.wakeSleeper?.();
  }

  /** Resolves at the next call (at once if there was one since the last sleep), after `timeoutMs`, or when the signal aborts. */
  sleep(timeoutMs: number | undefined, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      let cancelTimer: (() => void) | undefined;
      const wake = () => {
        cancelTimer?.();
        signal.removeEventListener('abort', wake);
        this.wakeSleeper = undefined;
        this.called = false;
        resolve();
      };
      if (this.called || signal.aborted) return wake();
      this.wakeSleeper = wake;
      signal.addEventListener('abort', wake, { once: true });
      if (timeoutMs !== undefined) cancelTimer = this.clock.setTimeout(wake, timeoutMs);
    });
  }
}
