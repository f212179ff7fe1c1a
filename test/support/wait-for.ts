import { inspect } from 'node:util';
import type { Observable } from 'rxjs';

const MAX_SHOWN = 10;

/** The first event that fits; past ones count only if the stream replays them. A failure tells what came instead. */
export function waitFor<T>(
  events$: Observable<T>,
  fits: (event: T) => boolean,
  { timeoutMs = 60_000 }: { timeoutMs?: number } = {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const seen: T[] = [];
    const fail = (why: string) => {
      clearTimeout(timer);
      const last = inspect(seen.slice(-MAX_SHOWN), { depth: 4 });
      reject(new Error(`${why}; saw ${seen.length} events, the last: ${last}`));
    };
    const timer = setTimeout(() => {
      subscription.unsubscribe();
      fail(`nothing fitting in ${timeoutMs} ms`);
    }, timeoutMs);
    const subscription = events$.subscribe({
      next: (event) => {
        seen.push(event);
        if (!fits(event)) return;
        clearTimeout(timer);
        // A replaying stream emits before `subscribe` has returned.
        queueMicrotask(() => subscription.unsubscribe());
        resolve(event);
      },
      error: (error: unknown) => fail(`the stream failed: ${error}`),
      complete: () => fail('the stream completed'),
    });
  });
}
