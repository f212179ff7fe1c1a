import type { Observable } from 'rxjs';
import type { Clock } from '../../common/clock.js';
import { onCallEnd } from '../../common/stream-call.js';
import type { AddProgress } from '../network/index.js';

export interface FollowOptions {
  readonly clock: Clock;
  /** 0: the first stage is enough. */
  readonly timeoutMs: number;
  /** Who waits; nobody does any more once it is over. */
  readonly call: object;
  /** Ends the wait from our side with the signal's reason. */
  readonly closing: AbortSignal;
}

export interface Followed {
  /** The latest stage. */
  readonly progress: AddProgress;
  /** It was the last one. */
  readonly isOver: boolean;
}

/**
 * Waits for what comes of an `add`: its end, the end of the time or of the call, whichever is first. The dial goes on.
 * @throws what `closing` was aborted with
 */
export function followAdd(progress$: Observable<AddProgress>, options: FollowOptions): Promise<Followed> {
  const { clock, timeoutMs, call, closing } = options;
  return new Promise((resolve, reject) => {
    const cleanups: (() => void)[] = [];
    let progress: AddProgress = { stage: 'queued' };
    let isDone = false;
    const finish = (answer: () => void) => {
      if (isDone) return;
      isDone = true;
      for (const cleanup of cleanups) cleanup();
      answer();
    };
    const settle = (isOver: boolean) => finish(() => resolve({ progress, isOver }));
    const onClosing = () => finish(() => reject(closing.reason));
    const subscription = progress$.subscribe((next) => {
      progress = next;
      if (next.stage === 'connected' || next.stage === 'failed') settle(true);
    });
    cleanups.push(() => subscription.unsubscribe());
    if (isDone) return subscription.unsubscribe();
    if (closing.aborted) return onClosing();
    if (timeoutMs === 0) return settle(false);
    closing.addEventListener('abort', onClosing, { once: true });
    cleanups.push(() => closing.removeEventListener('abort', onClosing));
    cleanups.push(clock.setTimeout(() => settle(false), timeoutMs));
    cleanups.push(onCallEnd(call, () => settle(false)));
  });
}
