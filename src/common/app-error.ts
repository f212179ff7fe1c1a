/** What every error carries: a stable code (public API, listed in docs/errors.md) and the data that belongs to it. */
export interface ErrorDetail {
  readonly code: string;
}

/**
 * The base of each module's one error class. `detail` is a union told apart by `code`.
 * Tests and tables look at the code; the message is one line for people.
 */
export abstract class AppError<D extends ErrorDetail = ErrorDetail> extends Error {
  readonly detail: D;

  constructor(detail: D, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.detail = detail;
  }

  get code(): D['code'] {
    return this.detail.code;
  }
}

/** Makes the compiler refuse a table that misses a code. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}

/** What a log line says of anything thrown: its text, and the code of one of ours. */
export function errorFields(error: unknown): { readonly code?: string; readonly error: string } {
  const text = { error: errorText(error) };
  return error instanceof AppError ? { code: error.code, ...text } : text;
}

/** The text of anything thrown, on one line and at most 300 characters. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, ' ').slice(0, 300);
}
