import { Allowances } from '../../../common/allowances.js';
import type { Clock } from '../../../common/clock.js';
import { OpenCounts } from '../../../common/open-counts.js';
import type { AccessLimits } from '../access.config.js';
import { AccessError } from '../access.errors.js';

/** What each caller may ask for: calls in a time, calls and streams at a time. */
export class CallLimits {
  readonly #limits: AccessLimits;
  readonly #calls: Allowances;
  readonly #unary: OpenCounts;
  readonly #streams: OpenCounts;

  constructor(clock: Clock, limits: AccessLimits) {
    this.#limits = limits;
    const { callBurst, callsPerSecond, callsPerCaller, streamsPerCaller, streams } = limits;
    this.#calls = new Allowances(clock, { burst: callBurst, perSecond: callsPerSecond });
    this.#unary = new OpenCounts({ perHolder: callsPerCaller, total: Number.POSITIVE_INFINITY });
    this.#streams = new OpenCounts({ perHolder: streamsPerCaller, total: streams });
  }

  /** @throws {AccessError} ACCESS.RATE_LIMITED */
  takeCall(caller: string): void {
    if (this.#calls.take(caller)) return;
    const { callsPerSecond } = this.#limits;
    const waitMs = Math.ceil(this.#calls.waitMs(caller));
    throw new AccessError({ code: 'ACCESS.RATE_LIMITED', callsPerSecond, waitMs });
  }

  /** Counts a call without a stream until the returned function is called. @throws {AccessError} ACCESS.TOO_MANY_CALLS */
  openCall(caller: string): () => void {
    if (this.#unary.brokenBy(caller) === undefined) return this.#unary.open(caller);
    throw new AccessError({ code: 'ACCESS.TOO_MANY_CALLS', limit: this.#limits.callsPerCaller });
  }

  /** Counts a stream until the returned function is called. @throws {AccessError} ACCESS.TOO_MANY_STREAMS */
  openStream(caller: string): () => void {
    const broken = this.#streams.brokenBy(caller);
    if (broken === undefined) return this.#streams.open(caller);
    const { streamsPerCaller, streams } = this.#limits;
    throw new AccessError(
      broken === 'total'
        ? { code: 'ACCESS.TOO_MANY_STREAMS', scope: 'node', limit: streams }
        : { code: 'ACCESS.TOO_MANY_STREAMS', scope: 'identity', limit: streamsPerCaller },
    );
  }
}
