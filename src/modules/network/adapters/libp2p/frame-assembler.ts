/** Frames up to here get a buffer of this size at once; larger ones get more as their bytes come. */
const FIRST_BUFFER_BYTES = 16 * 1024;
/** Bytes of a length; more would be more than any limit. */
const MAX_LENGTH_BYTES = 5;

/** A frame that is longer than allowed, or whose length is none. */
export class BadFrame extends Error {
  constructor(readonly fault: 'too-large' | 'undecodable') {
    super(`frame is ${fault}`);
  }
}

/**
 * Puts frames together that follow each other with a varint for their length. What it holds is one frame's bytes,
 * however small the pieces are that they come in.
 */
export class FrameAssembler {
  readonly #maxBytes: number;
  #lengthBytes = 0;
  /** What is known of the length of the frame that comes. */
  #length = 0;
  #isLengthKnown = false;
  #buffer = Buffer.alloc(0);
  #filled = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The frames that are complete with this chunk; each may lie in it, and is to be read before the next. @throws {BadFrame} */
  *take(chunk: Uint8Array): Generator<Uint8Array> {
    let at = 0;
    while (at < chunk.length) {
      if (!this.#isLengthKnown) {
        this.#addToLength(chunk[at] ?? 0);
        at += 1;
        if (!this.#isLengthKnown || this.#length > 0) continue;
      }
      const end = Math.min(chunk.length, at + this.#length - this.#filled);
      const part = chunk.subarray(at, end);
      at = end;
      if (this.#filled + part.length < this.#length) this.#keep(part);
      else yield this.#finished(part);
    }
  }

  #addToLength(byte: number): void {
    this.#length += (byte & 0x7f) * 2 ** (7 * this.#lengthBytes);
    this.#lengthBytes += 1;
    if (this.#length > this.#maxBytes) throw new BadFrame('too-large');
    this.#isLengthKnown = byte < 0x80;
    if (!this.#isLengthKnown && this.#lengthBytes === MAX_LENGTH_BYTES) throw new BadFrame('undecodable');
  }

  #keep(part: Uint8Array): void {
    const needed = this.#filled + part.length;
    if (needed > this.#buffer.length) {
      const size = Math.min(this.#length, Math.max(2 * needed, FIRST_BUFFER_BYTES));
      const larger = Buffer.allocUnsafe(size);
      this.#buffer.copy(larger, 0, 0, this.#filled);
      this.#buffer = larger;
    }
    this.#buffer.set(part, this.#filled);
    this.#filled = needed;
  }

  /** The frame that `part` completes; the next one begins. */
  #finished(part: Uint8Array): Uint8Array {
    let frame = part;
    if (this.#filled > 0) {
      const length = this.#length;
      this.#keep(part);
      frame = this.#buffer.subarray(0, length);
    }
    if (this.#buffer.length > FIRST_BUFFER_BYTES) this.#buffer = Buffer.alloc(0);
    this.#filled = this.#length = this.#lengthBytes = 0;
    this.#isLengthKnown = false;
    return frame;
  }
}
