import type { AppError } from '../../../common/app-error.js';
import type { Clock } from '../../../common/clock.js';
import { siteOf } from '../../../common/ip-address.js';
import type { Logger } from '../../../common/logger.port.js';
import type { AccessError } from '../access.errors.js';
import type { AccessMetrics } from '../access.metrics.js';
import type { CalledMethod, CallerFacts, Identity } from '../ports/access.port.js';
import { BoundedLog } from './bounded-log.js';

const MAX_TEXT_CHARACTERS = 128;

/**
 * Who did what, and who was refused. Refusals and what was done have budgets of their own, so that no flood of the one
 * hides the other.
 */
export class AuditLog {
  readonly #done: BoundedLog;
  readonly #refused: BoundedLog;
  readonly #connections: BoundedLog;

  constructor(clock: Clock, log: Logger, metrics: AccessMetrics) {
    const bounded = (write: ConstructorParameters<typeof BoundedLog>[1]) =>
      new BoundedLog(clock, write, () => metrics.lineSuppressed());
    this.#done = bounded((fields) => log.info('operator call', fields));
    this.#refused = bounded((fields) => log.warn('operator call refused', fields));
    this.#connections = bounded((fields) => log.warn('operator connection refused', fields));
  }

  /** A call that changes something was let through. @param status The name of what it was answered, or how else it stands. */
  done({ name, how, role }: Identity, facts: CallerFacts, { path }: CalledMethod, status: string): void {
    const fields = { path: short(path), status, caller: name, how, role };
    this.#done.write(`${how} ${name}`, { ...fields, ...sourceOf(facts) });
  }

  /** @param identity Undefined when the caller could not be told. */
  refused(
    error: AccessError,
    identity: Identity | undefined,
    facts: CallerFacts,
    { path, role: needed }: CalledMethod,
  ): void {
    const { name, how, role } = identity ?? {};
    const fields = { code: error.code, path: short(path), caller: name, how, role, needed };
    this.#refused.write(siteOf(facts.address), { ...fields, ...sourceOf(facts) });
  }

  /** Whoever it is: the call was refused for what it is. */
  turnedAway({ code, message }: AppError, facts: CallerFacts, path: string): void {
    const fields = { code, error: short(message), path: short(path) };
    this.#refused.write(siteOf(facts.address), { ...fields, ...sourceOf(facts) });
  }

  connectionRefused(error: AccessError, address: string): void {
    this.#connections.write(siteOf(address), { code: error.code, error: short(error.message), address });
  }
}

function sourceOf({ transport, address, isEncrypted, origin }: CallerFacts) {
  return { transport, address, isEncrypted, origin: origin === undefined ? undefined : short(origin) };
}

/** A stranger's text, printable and cut short. */
function short(text: string): string {
  return text.slice(0, MAX_TEXT_CHARACTERS).replace(/[^\x20-\x7e]/g, '?');
}
