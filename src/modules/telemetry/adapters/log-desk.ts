import { type Observable, Subject } from 'rxjs';
import type { Clock } from '../../../common/clock.js';
import { fieldText } from '../../../common/log-line.js';
import type { LogFields } from '../../../common/logger.port.js';
import { printable } from '../../../common/printable.js';
import type { LogEntry, LogEntryLevel, LogFeed } from '../ports/log-feed.port.js';
import type { LogLevels, LogThreshold } from '../ports/log-levels.port.js';

const RECENT_ENTRIES = 1_000;
const MAX_FIELDS = 32;
const MAX_CHARACTERS = 512;

const RANK: Readonly<Record<LogThreshold, number>> = { debug: 0, info: 1, warn: 2, error: 3, off: 4 };

/** Decides which lines are written, and hands all of them to who listens. Costs little for a line that nobody wants. */
export class LogDesk implements LogFeed, LogLevels {
  readonly #entries = new Subject<LogEntry>();
  readonly entries$: Observable<LogEntry> = this.#entries.asObservable();
  readonly #recent: LogEntry[] = [];
  readonly #modules = new Map<string, LogThreshold>();
  /** Of modules that logged, until a level changes. */
  readonly #ranks = new Map<string, number>();
  #isTelling = false;

  constructor(
    private readonly clock: Clock,
    private level: LogThreshold,
  ) {}

  get all(): LogThreshold {
    return this.level;
  }

  get modules(): ReadonlyMap<string, LogThreshold> {
    return new Map(this.#modules);
  }

  setAll(level: LogThreshold): void {
    this.level = level;
    this.#ranks.clear();
  }

  setModule(module: string, level: LogThreshold | undefined): void {
    if (level === undefined) this.#modules.delete(module);
    else this.#modules.set(module, level);
    this.#ranks.clear();
  }

  recent(count: number): readonly LogEntry[] {
    return count === 0 ? [] : this.#recent.slice(-count);
  }

  /** Keeps and hands out a line. @returns Whether it is to be written. */
  take(level: LogEntryLevel, module: string, message: string, fields?: LogFields): boolean {
    const isWritten = RANK[level] >= this.#rankOf(module);
    const isKept = isWritten || level !== 'debug';
    const isHeard = this.#entries.observed && !this.#isTelling;
    if (!isKept && !isHeard) return false;
    const entry = entryOf(this.clock.nowMs(), level, module, message, fields);
    if (isKept) this.#keep(entry);
    if (isHeard) this.#tell(entry);
    return isWritten;
  }

  #keep(entry: LogEntry): void {
    if (this.#recent.length >= RECENT_ENTRIES) this.#recent.shift();
    this.#recent.push(entry);
  }

  #tell(entry: LogEntry): void {
    this.#isTelling = true;
    try {
      this.#entries.next(entry);
    } finally {
      this.#isTelling = false;
    }
  }

  #rankOf(module: string): number {
    const known = this.#ranks.get(module);
    if (known !== undefined) return known;
    let level: LogThreshold | undefined;
    for (let name = module; level === undefined && name !== ''; name = parentOf(name)) {
      level = this.#modules.get(name);
    }
    const rank = RANK[level ?? this.level];
    this.#ranks.set(module, rank);
    return rank;
  }
}

function parentOf(module: string): string {
  return module.slice(0, Math.max(0, module.lastIndexOf('.')));
}

function entryOf(
  atMs: number,
  level: LogEntryLevel,
  module: string,
  message: string,
  fields: LogFields = {},
): LogEntry {
  const shown = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .slice(0, MAX_FIELDS)
    .map(([key, value]) => [key, printable(fieldText(value), MAX_CHARACTERS)] as const);
  return {
    atMs,
    level,
    module,
    message: printable(message, MAX_CHARACTERS),
    fields: Object.fromEntries(shown),
  };
}
