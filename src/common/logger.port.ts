export const LOGGER = Symbol('LOGGER');

/** Shared field names: peerId, height, hash, durationMs, code. Values that peers sent are capped before they get here. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Constant message, variable fields. error = an operator must act, warn = may need to, info = a state change, debug = the rest. */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** A logger whose lines carry the module's name. */
  child(module: string): Logger;
}

/** Says nothing; for tests and tools. */
export class SilentLogger implements Logger {
  error(): void {}
  warn(): void {}
  info(): void {}
  debug(): void {}
  child(): Logger {
    return this;
  }
}
