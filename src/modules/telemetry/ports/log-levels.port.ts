export const LOG_LEVELS = Symbol('LOG_LEVELS');

export type LogThreshold = 'debug' | 'info' | 'warn' | 'error' | 'off';

/** Which lines are written, at run time. What is set is forgotten when the process ends. */
export interface LogLevels {
  readonly all: LogThreshold;
  /** What differs, by module; it holds for all below it that have none of their own. */
  readonly modules: ReadonlyMap<string, LogThreshold>;
  setAll(level: LogThreshold): void;
  /** @param level Undefined: what holds for all. */
  setModule(module: string, level: LogThreshold | undefined): void;
}
