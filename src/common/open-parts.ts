/** What is open until it is closed; closing it a second time does nothing. */
export interface Closable {
  close(): Promise<unknown>;
}

/**
 * What parts of a node have open while it is being made. Nest calls the hooks of an application that is whole; of one
 * that could not be made, this closes what was open by then.
 */
export class OpenParts {
  readonly #opening = new Set<Promise<Closable>>();
  #isClosed = false;

  /**
   * Notes a part that is being opened, and gives it. After `closeAll` the part is closed as soon as it is open:
   * parts of a node open side by side, and one may begin when another has failed.
   */
  async keep<T extends Closable>(opening: T | Promise<T>): Promise<T> {
    const part = Promise.resolve(opening);
    if (!this.#isClosed) {
      this.#opening.add(part);
      return part;
    }
    await closed(part);
    throw new Error('closed before it was open');
  }

  /** The last opened first, each once it is open; one that fails holds up none of the others. */
  async closeAll(): Promise<void> {
    this.#isClosed = true;
    const all = [...this.#opening].reverse();
    this.#opening.clear();
    for (const opening of all) await closed(opening);
  }
}

function closed(opening: Promise<Closable>): Promise<unknown> {
  return opening.then((part) => part.close()).catch(() => undefined);
}
