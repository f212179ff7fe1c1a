import type { ChainWriter, InsertResult } from '../ports/chain.port.js';

/** Batches of a restore that are verified at the same time. */
const MAX_UNDER_WAY = 3;

type Outcome = { readonly result: InsertResult } | { readonly failure: unknown };

/** Keeps several inserts under way, and ends with the first that fails: those behind it fail only because of it. */
export class InsertWindow {
  readonly #writer: ChainWriter;
  readonly #onInserted: (result: InsertResult) => void;
  #underWay: Promise<Outcome>[] = [];

  /** @param onInserted Called for each batch, in their order. */
  constructor(writer: ChainWriter, onInserted: (result: InsertResult) => void) {
    this.#writer = writer;
    this.#onInserted = onInserted;
  }

  /**
   * Begins to insert a batch as soon as there is room; resolves when it has begun.
   * @throws what an earlier insert failed with, once none is under way
   */
  async insert(batch: readonly Uint8Array[]): Promise<void> {
    if (this.#underWay.length === MAX_UNDER_WAY) await this.#takeOldest();
    this.#underWay.push(outcomeOf(this.#writer.insert(batch, { source: 'restore' })));
  }

  /** Waits for all that are under way. @throws what the first of them failed with */
  async settle(): Promise<void> {
    while (this.#underWay.length > 0) await this.#takeOldest();
  }

  async #takeOldest(): Promise<void> {
    const [oldest, ...others] = this.#underWay;
    const outcome = await oldest;
    this.#underWay = others;
    if (outcome === undefined) return;
    if ('result' in outcome) return this.#onInserted(outcome.result);
    this.#underWay = [];
    await Promise.all(others);
    throw outcome.failure;
  }
}

/** Never rejects, so that a failure can wait for its turn. */
function outcomeOf(insert: Promise<InsertResult>): Promise<Outcome> {
  return insert.then(
    (result) => ({ result }),
    (failure: unknown) => ({ failure }),
  );
}
