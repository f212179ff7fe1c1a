import type { LogFields } from './logger.port.js';
import { printable } from './printable.js';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

const LEVELS: Record<LogLevel, string> = {
  error: '[ERROR]',
  warn: '[WARN] ',
  info: '[INFO] ',
  debug: '[DEBUG]',
};

/**
 * One line as the Go client logs it: `2026-11-22T19:04:12.590Z [INFO]  backup: Wrote metadata: latest=9`.
 * Values are quoted when they hold anything but plain characters, and what is no visible text is escaped, so that none
 * can begin a line of its own, move the cursor or turn the text around.
 */
export function formatLogLine(
  atMs: number,
  level: LogLevel,
  name: string,
  message: string,
  fields: LogFields = {},
): string {
  const shown = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${valueText(value)}`);
  const head = `${new Date(atMs).toISOString()} ${LEVELS[level]} ${name === '' ? '' : `${name}: `}`;
  const line = `${head}${message}${shown.length === 0 ? '' : `: ${shown.join(' ')}`}`;
  return `${printable(line, Number.POSITIVE_INFINITY)}\n`;
}

function valueText(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value);
  const text = fieldText(value);
  // The plain characters are those of Go's hclog: from - to ~.
  return /^[\x2d-\x7e]+$/.test(text) ? text : JSON.stringify(text);
}

/** The text of a field's value, whatever is in it. */
export function fieldText(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'string' ? value : value instanceof Error ? value.message : jsonText(value);
}

function jsonText(value: unknown): string {
  const text = JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? inner.toString() : inner));
  return text ?? String(value);
}
