/** What a test must undo, in reverse order: `afterEach(() => cleanups.run())`. */
export class Cleanups {
  readonly #waiting: (() => void | Promise<void>)[] = [];

  add(cleanup: () => void | Promise<void>): void {
    this.#waiting.push(cleanup);
  }

  async run(): Promise<void> {
    for (const cleanup of this.#waiting.splice(0).reverse()) await cleanup();
  }
}
