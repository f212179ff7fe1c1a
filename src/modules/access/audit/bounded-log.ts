import { Allowances } from '../../../common/allowances.js';
import type { Clock } from '../../../common/clock.js';
import type { LogFields } from '../../../common/logger.port.js';

const EACH = { burst: 50, perSecond: 2 };
const ALL = { burst: 200, perSecond: 10 };
const EVERYBODY = '';

/** Lets through so many lines of one subject and of all that a flood fills no disk; the next line tells how many were left out. */
export class BoundedLog {
  readonly #ofEach: Allowances;
  readonly #ofAll: Allowances;
  readonly #write: (fields: LogFields) => void;
  readonly #onSuppressed: () => void;
  #suppressed = 0;

  constructor(clock: Clock, write: (fields: LogFields) => void, onSuppressed: () => void) {
    this.#ofEach = new Allowances(clock, EACH);
    this.#ofAll = new Allowances(clock, ALL);
    this.#write = write;
    this.#onSuppressed = onSuppressed;
  }

  write(subject: string, fields: LogFields): void {
    if (!this.#ofEach.take(subject) || !this.#ofAll.take(EVERYBODY)) {
      this.#suppressed += 1;
      this.#onSuppressed();
      return;
    }
    const suppressed = this.#suppressed;
    this.#suppressed = 0;
    this.#write(suppressed === 0 ? fields : { ...fields, suppressed });
  }
}
