/** Messages that wait for a consumer; beyond it the oldest goes, since the news of a topic outdates what was said before. */
const CAPACITY = 256;
/** Messages handed over in one turn of the event loop. */
const PER_TURN = 32;

/** Hands items over after whoever brought them is done, so that a slow consumer holds up neither the relay nor other work. */
export class BoundedDelivery<Item> {
  readonly #deliver: (item: Item) => void;
  readonly #onDropped: () => void;
  #waiting: Item[] = [];
  #isScheduled = false;

  /** @param onDropped Called for each item that nobody will get. */
  constructor(deliver: (item: Item) => void, onDropped: () => void) {
    this.#deliver = deliver;
    this.#onDropped = onDropped;
  }

  offer(item: Item): void {
    this.#waiting.push(item);
    if (this.#waiting.length > CAPACITY) {
      this.#waiting.shift();
      this.#onDropped();
    }
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => this.#handOver());
  }

  /** What waits is forgotten. */
  stop(): void {
    this.#waiting = [];
  }

  #handOver(): void {
    for (const item of this.#waiting.splice(0, PER_TURN)) this.#deliver(item);
    this.#isScheduled = this.#waiting.length > 0;
    if (this.#isScheduled) setImmediate(() => this.#handOver());
  }
}
