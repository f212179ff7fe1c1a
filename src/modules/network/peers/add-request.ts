import { type Observable, ReplaySubject } from 'rxjs';
import type { NetworkError } from '../network.errors.js';
import type { AddProgress } from '../ports/peers.port.js';

/** In this order; `at` is what a failure there is called. */
const STAGES = {
  queued: { order: 1, at: 'queue' },
  dialing: { order: 2, at: 'dial' },
  handshake: { order: 3, at: 'handshake' },
} as const;

type OpenStage = keyof typeof STAGES;

/** How far one `add` has come. It only goes forward, and ends once. */
export class AddRequest {
  readonly #progress = new ReplaySubject<AddProgress>(Object.keys(STAGES).length + 1);
  readonly #ended = new AbortController();
  #stage: OpenStage | undefined;

  readonly progress$: Observable<AddProgress> = this.#progress.asObservable();

  /** Aborts at the end, be it good or bad. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** undefined before the first stage and after the end. */
  get stage(): OpenStage | undefined {
    return this.#stage;
  }

  /** Nothing happens when it is there or further. */
  reach(stage: OpenStage): void {
    const isBehind = this.#stage === undefined || STAGES[this.#stage].order < STAGES[stage].order;
    if (this.signal.aborted || !isBehind) return;
    this.#stage = stage;
    this.#progress.next({ stage });
  }

  connected(): void {
    this.#end({ stage: 'connected' });
  }

  /** Ends at the stage that was reached. */
  fail(error: NetworkError): void {
    this.#end({ stage: 'failed', at: STAGES[this.#stage ?? 'queued'].at, error });
  }

  #end(last: AddProgress): void {
    if (this.signal.aborted) return;
    this.#stage = undefined;
    // First of all, so that whoever hears of the end may begin anew.
    this.#ended.abort();
    this.#progress.next(last);
    this.#progress.complete();
  }
}
