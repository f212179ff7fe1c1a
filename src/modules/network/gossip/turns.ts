/**
 * Spreads work over turns of the event loop: so many units are done in one, whoever does them, and the rest waits for
 * the next. Those that wait go on in the order they came.
 */
export class Turns {
  readonly #unitsPerTurn: number;
  #left: number;
  #next: Promise<void> | undefined;

  constructor(unitsPerTurn: number) {
    this.#unitsPerTurn = unitsPerTurn;
    this.#left = unitsPerTurn;
  }

  /** Resolves when there is room for more work; what is larger than a turn has one for itself. */
  async take(units: number): Promise<void> {
    while (this.#left <= 0) await this.#nextTurn();
    this.#left -= units;
  }

  #nextTurn(): Promise<void> {
    this.#next ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#next = undefined;
        this.#left = this.#unitsPerTurn;
        resolve();
      });
    });
    return this.#next;
  }
}
