/** How many there may be at a time, of one holder and of all. */
export interface OpenLimits {
  readonly perHolder: number;
  readonly total: number;
}

/** Counts what is open, connections or streams, by holder. Remembers nobody who has none. */
export class OpenCounts {
  readonly #limits: OpenLimits;
  readonly #byHolder = new Map<string, number>();
  #total = 0;

  constructor(limits: OpenLimits) {
    this.#limits = limits;
  }

  get total(): number {
    return this.#total;
  }

  /** Which limit one more of this holder would break, if any. */
  brokenBy(holder: string): keyof OpenLimits | undefined {
    if ((this.#byHolder.get(holder) ?? 0) >= this.#limits.perHolder) return 'perHolder';
    return this.#total >= this.#limits.total ? 'total' : undefined;
  }

  /** Counts one until the returned function is called; a second time does nothing. */
  open(holder: string): () => void {
    this.#add(holder, 1);
    let isOpen = true;
    return () => {
      if (isOpen) this.#add(holder, -1);
      isOpen = false;
    };
  }

  #add(holder: string, by: 1 | -1): void {
    const count = (this.#byHolder.get(holder) ?? 0) + by;
    if (count === 0) this.#byHolder.delete(holder);
    else this.#byHolder.set(holder, count);
    this.#total += by;
  }
}
