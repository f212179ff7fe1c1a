import { printable } from '../../common/printable.js';

/** How a check went. A warning does not fail the command. */
export type Health = 'ok' | 'warning' | 'failed' | 'skipped';

export interface Finding {
  readonly name: string;
  readonly health: Health;
  readonly durationMs: number;
  /** What was found, or the cause. Printable. */
  readonly detail: string;
  /** Stable name of the cause. */
  readonly cause?: string;
  /** What to do about it. */
  readonly advice?: string;
}

const COLOURS: Readonly<Record<Health, string>> = {
  ok: '\u001b[32m',
  warning: '\u001b[33m',
  failed: '\u001b[31m',
  skipped: '\u001b[2m',
};
const PLAIN = '\u001b[0m';
const MAX_DETAIL = 600;

/** One line, and another with what to do. */
export function findingLines(
  { name, health, durationMs, detail, advice }: Finding,
  colours: boolean,
): string {
  const shownHealth = colours ? `${COLOURS[health]}${health.padEnd(7)}${PLAIN}` : health.padEnd(7);
  const time = health === 'skipped' ? '' : `${Math.round(durationMs)} ms`;
  const line = `${name.padEnd(14)} ${shownHealth} ${time.padStart(8)}  ${printable(detail, MAX_DETAIL)}`;
  return `${line.trimEnd()}\n${advice === undefined ? '' : `${' '.repeat(15)}→ ${advice}\n`}`;
}

export function findingJson({ name, health, durationMs, detail, cause, advice }: Finding) {
  return {
    name,
    health,
    ms: Math.round(durationMs),
    detail: printable(detail, MAX_DETAIL),
    ...(cause !== undefined && { cause }),
    ...(advice !== undefined && { advice }),
  };
}

export function hasFailed(findings: readonly Finding[]): boolean {
  return findings.some(({ health }) => health === 'failed');
}
