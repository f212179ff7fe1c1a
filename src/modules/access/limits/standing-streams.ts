import type { Clock } from '../../../common/clock.js';

const CHECK_EVERY_MS = 2_000;

/** A stream that goes on only as long as its caller may. */
export interface StandingStream {
  /** Aborts with the error that says why the caller may no more. */
  readonly revoked: AbortSignal;
  /** The stream is over. */
  close(): void;
}

/**
 * Asks again and again whether the callers of open streams still may: a token may be taken from its holder while a
 * stream lasts for days. There is a timer only while a stream is open.
 */
export class StandingStreams {
  readonly #clock: Clock;
  readonly #checks = new Map<AbortController, () => void>();
  #cancel = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param check Throws when the caller may no more. */
  open(check: () => void): StandingStream {
    const controller = new AbortController();
    if (this.#checks.size === 0) this.#wait();
    this.#checks.set(controller, check);
    return { revoked: controller.signal, close: () => this.#close(controller) };
  }

  #close(controller: AbortController): void {
    if (this.#checks.delete(controller) && this.#checks.size === 0) this.#cancel();
  }

  #wait(): void {
    this.#cancel = this.#clock.setTimeout(() => this.#checkAll(), CHECK_EVERY_MS);
  }

  #checkAll(): void {
    for (const [controller, check] of [...this.#checks]) {
      try {
        check();
      } catch (error) {
        this.#checks.delete(controller);
        controller.abort(error);
      }
    }
    if (this.#checks.size > 0) this.#wait();
  }
}
