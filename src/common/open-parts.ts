/** What is open until it is closed; closing it a second time does nothing. */
export interface Closable {
  close(): Promise<unknown>;
}

/**
 * What parts of a node have open while it is being made. Nest calls the hooks of an application that is whole; of one
 * that could not be made, this closes what was open by then.
 */
export class OpenParts {
  readonly #parts: Closable[] = [];

  /** Notes a part, and gives it back. */
  keep<T extends Closable>(part: T): T {
    this.#parts.push(part);
    return part;
  }

  /** The last opened first; one that fails to close holds up none of the others. */
  async closeAll(): Promise<void> {
    for (const part of this.#parts.splice(0).reverse()) await part.close().catch(() => undefined);
  }
}
