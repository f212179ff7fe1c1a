import { LogLevel } from '../../gen/edgekeeper/v1/node_pb.js';

/** What an entry of the log can be of, by the names that operators use. */
export const ENTRY_LEVELS = {
  debug: LogLevel.DEBUG,
  info: LogLevel.INFO,
  warn: LogLevel.WARN,
  error: LogLevel.ERROR,
} as const;

/** What can be written to the log file. */
export const WRITTEN_LEVELS = { ...ENTRY_LEVELS, off: LogLevel.OFF } as const;

/** The level of a name in one of the tables; undefined when it has none of that name. */
export function levelOf(levels: Readonly<Record<string, LogLevel>>, name: string): LogLevel | undefined {
  return Object.hasOwn(levels, name) ? levels[name] : undefined;
}
