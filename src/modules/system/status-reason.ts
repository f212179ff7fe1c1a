import type { AppError } from '../../common/app-error.js';
import { toHex } from '../../common/bytes.js';
import type { FieldViolation, StatusReason } from '../../common/grpc-status.js';

const MAX_ENTRIES = 16;
const MAX_VALUE_CHARACTERS = 128;

/** Of what nobody foresaw: it keeps its data to itself. */
export const INTERNAL: StatusReason = { code: 'INTERNAL', metadata: {}, violations: [] };

/** The code and the data of an error for programs: all values as text, in bounds that a trailer can take. */
export function statusReasonOf(error: AppError): StatusReason {
  const { code, ...data } = error.detail;
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(data).slice(0, MAX_ENTRIES)) {
    const text = textOf(value);
    if (text !== undefined) metadata[name] = text;
  }
  return { code, metadata, violations: violationsOf(code, metadata) };
}

/** Undefined for what has no short text, such as a record. */
function textOf(value: unknown): string | undefined {
  if (value instanceof Uint8Array) return cut(toHex(value));
  if (Array.isArray(value)) return cut(value.slice(0, MAX_ENTRIES).map(textOf).join(','));
  return value === null || value === undefined || typeof value === 'object' ? undefined : cut(String(value));
}

/** A cut may go through a character of two halves, and half of one cannot be encoded. */
const cut = (text: string) => text.slice(0, MAX_VALUE_CHARACTERS).toWellFormed();

function violationsOf(
  code: string,
  { field, rule, value, reason }: Record<string, string>,
): FieldViolation[] {
  if (field === undefined) return [];
  if (code === 'SYSTEM.REQUEST_INVALID') return [{ field, description: `${rule}; it is "${value}"` }];
  return [{ field, description: reason ?? code }];
}
