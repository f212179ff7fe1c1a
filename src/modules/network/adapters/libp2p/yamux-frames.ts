const HEADER_BYTES = 12;
const DATA = 0;
const WINDOW_UPDATE = 1;
const PING = 2;
const SYN = 1;
/** What a stream may receive before anything was agreed, bytes, as the protocol has it. */
const FIRST_WINDOW_BYTES = 256 * 1024;
/** Pieces of an unfinished frame that are smaller than this, bytes, are gathered, so that it never lies in a million pieces … */
const SMALL_BYTES = 1_024;
/** … up to this, bytes. */
const GATHER_BYTES = 16 * 1024;

/** A peer that does what no Yamux peer does. */
export class YamuxAbuse extends Error {
  override readonly name = 'YamuxAbuse';
}

export interface YamuxFramesOptions {
  /** What the stream may still receive, bytes; undefined: there is no such stream. */
  readonly windowOf: (streamId: number) => number | undefined;
  readonly mayPing: () => boolean;
  readonly mayOpen: () => boolean;
}

/**
 * Follows the frames of one connection and passes them on, except the data of streams that are not there (any more).
 *
 * @see https://github.com/hashicorp/yamux/blob/master/spec.md
 */
export class YamuxFrames {
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  /** Left of the frame whose header is known. */
  #bodyBytes = 0;
  #isSkipped = false;
  #gathered = Buffer.alloc(0);
  #gatheredBytes = 0;

  constructor(private readonly options: YamuxFramesOptions) {}

  /**
   * What of the chunk is for the muxer, which has to take each piece before it asks for the next: whether a frame is in
   * order depends on those before it.
   *
   * @throws {YamuxAbuse}
   */
  *take(chunk: Uint8Array): Generator<Uint8Array> {
    /** What of the chunk was looked at, and what of that was passed on or dropped. */
    let [at, from] = [0, 0];
    while (at < chunk.length) {
      if (this.#bodyBytes === 0) {
        if (at > from) yield* this.#pass(chunk.subarray(from, at));
        from = at;
        const isSplit = this.#headerBytes > 0;
        at = this.#readHeader(chunk, at);
        if (this.#headerBytes > 0) return;
        this.#isSkipped = !this.#isForMuxer();
        if (isSplit && !this.#isSkipped) yield Buffer.from(this.#header);
        if (isSplit) from = at;
      }
      const end = Math.min(chunk.length, at + this.#bodyBytes);
      this.#bodyBytes -= end - at;
      at = end;
      if (this.#isSkipped) from = at;
    }
    if (at > from) yield* this.#pass(chunk.subarray(from, at));
  }

  /** Reads what there is of a header, and gives where it ends. No header bytes are left over when it is whole. */
  #readHeader(chunk: Uint8Array, at: number): number {
    const part = chunk.subarray(at, at + HEADER_BYTES - this.#headerBytes);
    this.#header.set(part, this.#headerBytes);
    this.#headerBytes = (this.#headerBytes + part.length) % HEADER_BYTES;
    return at + part.length;
  }

  /** Reads the header; false when the frame is for nobody. */
  #isForMuxer(): boolean {
    const [type, flags] = [this.#header[1], this.#header.readUInt16BE(2)];
    const [id, length] = [this.#header.readUInt32BE(4), this.#header.readUInt32BE(8)];
    const { windowOf, mayPing, mayOpen } = this.options;
    const hasSyn = (flags & SYN) !== 0;
    this.#bodyBytes = 0;
    if (type === PING) {
      if (hasSyn && !mayPing()) throw new YamuxAbuse('too many pings');
      return true;
    }
    if (type !== DATA && type !== WINDOW_UPDATE) return true;
    let window = windowOf(id);
    if (window === undefined && hasSyn) {
      if (!mayOpen()) throw new YamuxAbuse('too many streams at once');
      window = FIRST_WINDOW_BYTES;
    }
    if (type === WINDOW_UPDATE) return true;
    this.#bodyBytes = length;
    if (window === undefined) return false;
    if (length > window) throw new YamuxAbuse(`a frame of ${length} bytes for a window of ${window}`);
    return true;
  }

  *#pass(piece: Uint8Array): Generator<Uint8Array> {
    const isFinished = this.#bodyBytes === 0;
    const mayGather = !isFinished && piece.length < SMALL_BYTES;
    if (!mayGather || this.#gatheredBytes + piece.length > GATHER_BYTES) yield* this.#flush();
    if (!mayGather) return yield piece;
    if (this.#gathered.length === 0) this.#gathered = Buffer.allocUnsafe(GATHER_BYTES);
    this.#gathered.set(piece, this.#gatheredBytes);
    this.#gatheredBytes += piece.length;
  }

  /** What was gathered belongs to the muxer from then on. */
  *#flush(): Generator<Uint8Array> {
    if (this.#gatheredBytes === 0) return;
    yield this.#gathered.subarray(0, this.#gatheredBytes);
    this.#gathered = Buffer.alloc(0);
    this.#gatheredBytes = 0;
  }
}
