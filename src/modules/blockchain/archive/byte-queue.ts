import { concatBytes } from '../../../common/bytes.js';

/** Takes exact numbers of bytes from a source that comes in pieces of any size. */
export class ByteQueue {
  readonly #source: AsyncIterator<Uint8Array>;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #offset = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Bytes taken so far. */
  get offset(): number {
    return this.#offset;
  }

  /** The next `length` bytes, fewer at the end of the source; views of what came. */
  async take(length: number): Promise<Uint8Array> {
    while (this.#waitingBytes < length) {
      const { done, value } = await this.#source.next();
      if (done) break;
      this.#waiting.push(value);
      this.#waitingBytes += value.length;
    }
    const [first] = this.#waiting;
    const bytes = first && first.length >= length ? first : concatBytes(this.#waiting);
    const others = bytes === first ? this.#waiting.slice(1) : [];
    const taken = bytes.subarray(0, length);
    const rest = bytes.subarray(taken.length);
    this.#waiting = rest.length > 0 ? [rest, ...others] : others;
    this.#waitingBytes -= taken.length;
    this.#offset += taken.length;
    return taken;
  }

  /** Ends the source. */
  async end(): Promise<void> {
    await this.#source.return?.();
  }
}
