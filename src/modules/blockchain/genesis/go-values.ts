import * as z from 'zod';
import { fromHex } from '../../../common/bytes.js';

const MAX_UINT64 = 2n ** 64n - 1n;
const NS_PER_MS = 1_000_000;

/** Both letters that look like the Greek one are of Go. */
const NS_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ['ns', 1],
  ['us', 1_000],
  ['µs', 1_000],
  ['μs', 1_000],
  ['ms', NS_PER_MS],
  ['s', 1_000_000_000],
  ['m', 60_000_000_000],
  ['h', 3_600_000_000_000],
]);

/**
 * A JSON object as Go reads it into a struct: names match whatever their case, null counts as absent, what is not
 * known is left out.
 */
export function struct<S extends z.ZodRawShape>(shape: S) {
  const names = new Map(Object.keys(shape).map((name) => [name.toLowerCase(), name]));
  return z.preprocess((value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const known: Record<string, unknown> = {};
    for (const [key, field] of Object.entries(value)) {
      const name = names.get(key.toLowerCase());
      if (name !== undefined && field !== null) known[name] = field;
    }
    return known;
  }, z.object(shape));
}

/** Turns a string into a value; undefined becomes the fault `expected <what>`. */
function parsed<T>(what: string, parse: (text: string) => T | undefined) {
  const error = ({ input }: { input?: unknown }) =>
    input === undefined ? 'is required' : `expected ${what} in a string`;
  return z.string({ error }).transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue(`expected ${what}`);
    return z.NEVER;
  });
}

function parseInteger(text: string, max: bigint): bigint | undefined {
  if (!/^(0x[0-9a-fA-F]+|[0-9]+)$/.test(text) || text.length > 80) return undefined;
  const value = BigInt(text);
  return value <= max ? value : undefined;
}

/** `"12"` or `"0x0c"`. @see polygon-edge@597a0f3 helper/common/encoding.go ParseUint64orHex */
export const uint64String = parsed('an unsigned 64-bit integer, decimal or 0x hex', (text) =>
  parseInteger(text, MAX_UINT64),
);

/** @see polygon-edge@597a0f3 helper/common/encoding.go ParseUint256orHex */
export const uint256String = parsed('an unsigned 256-bit integer, decimal or 0x hex', (text) =>
  parseInteger(text, 2n ** 256n - 1n),
);

/** Hex with or without 0x. */
export const hexBytes = parsed('hex of whole bytes', fromHex);

/** Hex of at most `size` bytes, zeros to its left. @remarks Differs: Go cuts what is longer and reads up to the first digit that is none. */
export function paddedHex(text: string, size: number): Uint8Array | undefined {
  const digits = text.startsWith('0x') ? text.slice(2) : text;
  return digits.length > size * 2 ? undefined : fromHex(digits.padStart(size * 2, '0'));
}

export const hash = parsed('a hash of at most 32 bytes in hex', (text) => paddedHex(text, 32));

export const address = parsed('an address of 20 bytes in hex', (text) =>
  /^(0x)?[0-9a-fA-F]{39,40}$/.test(text) ? paddedHex(text, 20) : undefined,
);

/** A JSON number that stands for a count or a height. */
export const safeNumber = z.int('expected a whole number up to 2^53-1').min(0, 'expected no negative number');

/** A number, or one in a string, decimal or 0x hex. @see polygon-edge@597a0f3 helper/common/common.go JSONNumber */
export const numberOrString = z.union([safeNumber, uint64String.transform(Number).pipe(safeNumber)], {
  error: 'expected a whole number up to 2^53-1, or one in a string',
});

/**
 * Nanoseconds, or a Go duration such as "1.5s" or "1m30s"; gives ms. Faults read `<subject> missing` or `… invalid`.
 * @see polygon-edge@597a0f3 helper/common/common.go Duration
 */
export const durationMs = (subject: string) =>
  z
    .union(
      [
        z.number(),
        z
          .string()
          .transform((text) => durationNs(text) ?? Number.NaN)
          .pipe(z.number()),
      ],
      {
        error: ({ input }) => `${subject} ${input === undefined ? 'missing' : 'invalid'}`,
      },
    )
    .transform((nanoseconds) => nanoseconds / NS_PER_MS);

function durationNs(text: string): number | undefined {
  if (text.length > 64 || !/^(\d+(\.\d*)?[a-zµμ]+)+$/.test(text)) return undefined;
  let total = 0;
  for (const [part] of text.matchAll(/[\d.]+[a-zµμ]+/g)) {
    const perUnit = NS_PER_UNIT.get(part.replace(/^[\d.]+/, ''));
    if (perUnit === undefined) return undefined;
    total += Number.parseFloat(part) * perUnit;
  }
  return total;
}
