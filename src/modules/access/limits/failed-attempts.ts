import { Allowances } from '../../../common/allowances.js';
import type { Clock } from '../../../common/clock.js';
import type { AccessLimits } from '../access.config.js';
import { AccessError } from '../access.errors.js';

/** What an address may try before it must wait. Addresses are remembered up to a bound. */
export class FailedAttempts {
  readonly #left: Allowances;

  constructor(clock: Clock, { failureBurst, failuresPerMinute }: AccessLimits) {
    this.#left = new Allowances(clock, { burst: failureBurst, perSecond: failuresPerMinute / 60 });
  }

  /** @throws {AccessError} ACCESS.TOO_MANY_FAILURES while the address must wait */
  check(site: string): void {
    const waitMs = Math.ceil(this.#left.waitMs(site));
    if (waitMs > 0) throw new AccessError({ code: 'ACCESS.TOO_MANY_FAILURES', waitMs });
  }

  add(site: string): void {
    this.#left.take(site);
  }
}
