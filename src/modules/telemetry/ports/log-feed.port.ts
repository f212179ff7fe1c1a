import type { Observable } from 'rxjs';

export const LOG_FEED = Symbol('LOG_FEED');

export type LogEntryLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogEntry {
  readonly atMs: number;
  readonly level: LogEntryLevel;
  /** Such as `sync.gossip`; empty for none. */
  readonly module: string;
  readonly message: string;
  /** Printable, of bounded number and length. */
  readonly fields: Readonly<Record<string, string>>;
}

/** What the node says, whatever is written of it. */
export interface LogFeed {
  /**
   * Facts: no replay, all levels, completes never. What is logged while an entry is handed out is not handed out itself, so
   * that a reader cannot cause what it reads.
   */
  readonly entries$: Observable<LogEntry>;
  /** The last of what is kept, oldest first: 1,000 entries from `info` on, or of what is written. */
  recent(count: number): readonly LogEntry[];
}
