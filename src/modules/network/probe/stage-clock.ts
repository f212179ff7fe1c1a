import type { Clock } from '../../../common/clock.js';
import { printable } from '../../../common/printable.js';
import { PROBE_STAGES, type ProbeFault, type ProbeStage, type ProbeStep } from '../ports/prober.port.js';

/** The stages one after the other: how long each takes, with a limit for each, and one step told for each. */
export class StageClock {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #onStep: (step: ProbeStep) => void;
  readonly #abort = new AbortController();
  #at = 0;
  #startedMs: number;
  #cancel: () => void;

  constructor(clock: Clock, timeoutMs: number, onStep: (step: ProbeStep) => void) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#onStep = onStep;
    this.#startedMs = clock.monotonicMs();
    this.#cancel = this.#arm();
  }

  /** Aborts when the stage under way takes too long. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get isOver(): boolean {
    return this.#at === PROBE_STAGES.length;
  }

  /** The stage under way is passed, and the next begins. */
  passed(found: string): void {
    const stage = this.#stage();
    if (stage === undefined) return;
    const durationMs = this.#next();
    this.#onStep({ stage, durationMs, outcome: 'ok', found: printable(found) });
    if (!this.isOver) this.#cancel = this.#arm();
  }

  /** The stage under way failed, and those after it are skipped. */
  failed(fault: ProbeFault, reason: string): void {
    const failing = this.#stage();
    if (failing === undefined) return;
    const durationMs = this.#next();
    this.#onStep({ stage: failing, durationMs, outcome: 'failed', fault, reason: printable(reason) });
    for (let stage = this.#stage(); stage !== undefined; stage = this.#stage()) {
      this.#next();
      this.#onStep({ stage, durationMs: 0, outcome: 'skipped' });
    }
  }

  #stage(): ProbeStage | undefined {
    return PROBE_STAGES[this.#at];
  }

  #next(): number {
    this.#cancel();
    const nowMs = this.#clock.monotonicMs();
    const durationMs = nowMs - this.#startedMs;
    this.#startedMs = nowMs;
    this.#at += 1;
    return durationMs;
  }

  #arm(): () => void {
    return this.#clock.setTimeout(() => {
      this.failed('timeout', `no answer within ${this.#timeoutMs} ms`);
      this.#abort.abort(new Error('the stage took too long'));
    }, this.#timeoutMs);
  }
}
