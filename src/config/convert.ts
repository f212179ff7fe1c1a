import type { ConfigFault } from './config.errors.js';
import type { SettingValue, ValueKind } from './setting.js';
import { SettingFault } from './setting.js';
import type { Given } from './sources.js';

/** The words that Go reads as booleans. @see https://pkg.go.dev/strconv#ParseBool */
const TRUE = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const FALSE = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

/** A raw value as the kind that a setting wants. @throws {SettingFault} */
export function convert(value: unknown, kind: ValueKind): SettingValue {
  switch (kind) {
    case 'switch':
      return toBoolean(value);
    case 'number':
      return toWholeNumber(value);
    case 'text':
      if (typeof value === 'string' || typeof value === 'number') return String(value);
      throw new SettingFault('must be a text');
    case 'texts': {
      const items: unknown = typeof value === 'string' ? value.split(',') : value;
      if (Array.isArray(items) && items.every((item) => typeof item === 'string')) return items;
      throw new SettingFault('must be a list of texts');
    }
  }
}

function toBoolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (TRUE.includes(String(value))) return true;
  if (FALSE.includes(String(value))) return false;
  throw new SettingFault(`must be true or false, not ${JSON.stringify(value)}`);
}

function toWholeNumber(value: unknown): number {
  const number =
    typeof value === 'number' || (typeof value === 'string' && /^-?\d+$/.test(value))
      ? Number(value)
      : Number.NaN;
  if (!Number.isSafeInteger(number))
    throw new SettingFault(`must be a whole number, not ${JSON.stringify(value)}`);
  return number;
}

/** Runs `read` and keeps what it refuses as a fault of the value's source. */
export function collect<T>(given: Given, faults: ConfigFault[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SettingFault)) throw error;
    faults.push({ source: given.source, text: `${given.source}: ${error.message}` });
    return undefined;
  }
}
