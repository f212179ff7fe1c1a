import { Observable } from 'rxjs';
import { onCallEnd, type StreamCall } from './stream-call.js';

export interface BoundedStreamPolicy<T> {
  /** How many events may wait for a slow caller. */
  readonly capacity: number;
  /** What the caller gets when one more arrives; `lost` is the first event it will not see: what waited is
   * dropped. */
  readonly onOverflow: (lost: T) => Error;
  /** Ends the stream from our side with the signal's reason. */
  readonly closing: AbortSignal;
}

/**
 * Sends live events from a hot stream. The source never waits: events queue up to `capacity` for a caller that reads
 * slowly, and then its stream ends with an error of its own. Return it from a streaming rpc; it emits nothing.
 */
export function boundedStream<T>(
  call: StreamCall<T>,
  source$: Observable<T>,
  policy: BoundedStreamPolicy<T>,
): Observable<never> {
  return new Observable<never>((subscriber) => {
    const waiting: T[] = [];
    let sourceCompleted = false;
    const flush = () => {
      while (waiting.length > 0 && !call.writableNeedDrain) call.write(waiting.shift() as T);
      if (waiting.length > 0) call.once('drain', flush);
      else if (sourceCompleted) subscriber.complete();
    };
    const onClosing = () => subscriber.error(policy.closing.reason);
    const ignoreEnd = onCallEnd(call, () => subscriber.complete());
    policy.closing.addEventListener('abort', onClosing, { once: true });
    const subscription = source$.subscribe({
      next: (event) => {
        if (waiting.length >= policy.capacity)
          return subscriber.error(policy.onOverflow(waiting[0] ?? event));
        waiting.push(event);
        if (waiting.length === 1) flush();
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => {
        sourceCompleted = true;
        if (waiting.length === 0) subscriber.complete();
      },
    });
    if (policy.closing.aborted) onClosing();
    return () => {
      subscription.unsubscribe();
      policy.closing.removeEventListener('abort', onClosing);
      ignoreEnd();
      call.off('drain', flush);
    };
  });
}
