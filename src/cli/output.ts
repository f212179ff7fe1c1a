/** What a command has to say, for people and for programs. */
export interface CommandResult {
  readonly text: string;
  readonly json: unknown;
  /** What was asked for was not (all) done: the process exits with 1. */
  readonly failed?: boolean;
}

const NONE = '<none>';

/**
 * Rows `key = value`, aligned; an empty value is `<none>`.
 * @see polygon-edge@597a0f3 command/helper/helper.go FormatKV
 * @remarks Differs: a `|` in a value stays; Go takes it for a column.
 */
export function keyValues(
  rows: readonly (readonly [key: string, value: string | number | bigint])[],
): string {
  const width = Math.max(...rows.map(([key]) => [...key].length));
  return rows
    .map(([key, value]) => `${key}${' '.repeat(width - [...key].length)} = ${String(value).trim() || NONE}`)
    .join('\n');
}

/** One item a line. @see polygon-edge@597a0f3 command/helper/helper.go FormatList */
export function list(items: readonly string[]): string {
  return items.map((item) => item.trim() || NONE).join('\n');
}

/** Rows in columns two spaces apart. @see polygon-edge@597a0f3 command/helper/helper.go FormatList */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const cell = (row: readonly string[]) => (text: string, column: number) =>
    column === row.length - 1 ? text : text.padEnd(widths[column] ?? 0);
  return rows.map((row) => row.map(cell(row)).join('  ')).join('\n');
}

/** A list as Go prints one: `[a b]`. */
export function goSlice(items: readonly string[]): string {
  return `[${items.join(' ')}]`;
}

/** What Go makes of a list that came empty over the wire. */
export function goNullable(items: readonly string[]): readonly string[] | null {
  return items.length === 0 ? null : items;
}

/** One compact line as Go's encoder writes it: bigints as numbers, `<`, `>`, `&` and the line separators escaped. */
export function toJson(value: unknown): string {
  return escapeAsGo(encode(value));
}

/** What Go's encoder escapes in JSON beyond what it must. */
export function escapeAsGo(json: string): string {
  return json.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function encode(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(encode).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}:${encode(inner)}`)
    .join(',')}}`;
}
