/** How much there may be at a time, of one holder and of all. */
export interface OpenLimits {
  readonly perHolder: number;
  readonly total: number;
}

/** Undefined: exempt from the limit by holder, not from that of all. */
export type Holder = string | undefined;

/** Counts what is open, such as connections, streams or bytes, by holder. Remembers nobody who has nothing. */
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

  /** Which limit more of this holder would break, if any. */
  brokenBy(holder: Holder): keyof OpenLimits | undefined {
    const own = holder === undefined ? 0 : (this.#byHolder.get(holder) ?? 0);
    if (own >= this.#limits.perHolder) return 'perHolder';
    return this.#total >= this.#limits.total ? 'total' : undefined;
  }

  /** Counts `amount` until the returned function is called; a second time does nothing. */
  open(holder: Holder, amount = 1): () => void {
    this.#add(holder, amount);
    let isOpen = true;
    return () => {
      if (isOpen) this.#add(holder, -amount);
      isOpen = false;
    };
  }

  #add(holder: Holder, amount: number): void {
    this.#total += amount;
    if (holder === undefined) return;
    const own = (this.#byHolder.get(holder) ?? 0) + amount;
    if (own === 0) this.#byHolder.delete(holder);
    else this.#byHolder.set(holder, own);
  }
}
