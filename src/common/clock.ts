export const CLOCK = Symbol('CLOCK');

/** Time, injected so that tests drive it. The only place of the project that reads the system's clock. */
export interface Clock {
  /** Wall time in ms since the epoch. */
  nowMs(): number;
  /** Time that never goes back, in ms from an arbitrary start. */
  monotonicMs(): number;
  /** Calls back once after `delayMs`; the returned function cancels. */
  setTimeout(callback: () => void, delayMs: number): () => void;
}

export class SystemClock implements Clock {
  nowMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }

  setTimeout(callback: () => void, delayMs: number): () => void {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  }
}

/** Resolves after `delayMs`; rejects with the signal's reason as soon as it aborts. */
export function delay(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

export interface Deadline {
  timeoutMs: number;
  /** The caller's own cancellation, if any. */
  signal?: AbortSignal | undefined;
  /** What to throw when the time is over. */
  onTimeout: () => Error;
}

/**
 * Runs `work` with a signal that aborts at the deadline or when the caller cancels, and rejects then
 * even if `work` does not listen to its signal.
 */
export async function withDeadline<T>(
  clock: Clock,
  deadline: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { signal } = deadline;
  signal?.throwIfAborted();
  const onAbort = () => controller.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const cancel = clock.setTimeout(() => controller.abort(deadline.onTimeout()), deadline.timeoutMs);
  const aborted = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true });
  });
  try {
    return await Promise.race([work(controller.signal), aborted]);
  } finally {
    cancel();
    signal?.removeEventListener('abort', onAbort);
  }
}
