import type { Observable } from 'rxjs';
import { errorFields } from './app-error.js';
import type { Logger } from './logger.port.js';

export interface OnEventOptions {
  signal: AbortSignal;
  log: Logger;
}

/**
 * The one way to subscribe to a stream: a handler that throws or rejects is logged and the stream goes on;
 * the subscription ends with the signal. (A throwing RxJS subscriber would end the process.)
 */
export function onEvent<T>(
  stream$: Observable<T>,
  handler: (event: T) => void | Promise<void>,
  { signal, log }: OnEventOptions,
): void {
  if (signal.aborted) return;
  const failed = (error: unknown) => {
    if (!signal.aborted) log.error('event handler failed', errorFields(error));
  };
  const subscription = stream$.subscribe({
    next: (event) => {
      try {
        Promise.resolve(handler(event)).catch(failed);
      } catch (error) {
        failed(error);
      }
    },
    error: failed,
  });
  signal.addEventListener('abort', () => subscription.unsubscribe(), { once: true });
}
