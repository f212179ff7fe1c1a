import { usageError } from './command-context.js';

/** Text that somebody else may have chosen, fit for a terminal: one line, and nothing that a terminal acts on. */
export function inOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

export function momentText(atMs: bigint): string {
  const date = new Date(Number(atMs));
  return Number.isNaN(date.getTime()) ? `${atMs} ms` : date.toISOString();
}

export function secondsText(ms: bigint): string {
  const seconds = ms / 1_000n;
  if (seconds < 120n) return `${seconds}s`;
  return seconds < 7_200n ? `${seconds / 60n}m` : `${seconds / 3_600n}h`;
}

export function bytesText(bytes: bigint): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, Number(bytes))) / 10));
  const value = Number(bytes) / 1_024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A span such as `90s`, `30m`, `24h` or `7d`. @throws with the flag's name when it is none or 0 */
export function spanMs(flag: string, text: string): bigint {
  const [, digits = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ms = Number(digits) * (UNITS_MS[unit] ?? 0);
  if (ms === 0) throw usageError(`--${flag} must be a time such as 90s, 30m, 24h or 7d, not ${text}`);
  return BigInt(ms);
}
