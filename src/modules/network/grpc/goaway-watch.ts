import { FRAME_HEADER_BYTES, FrameType, frameLength } from './http2-frames.js';

/** Header, last stream and error code of a GOAWAY frame. */
const GOAWAY_BYTES = FRAME_HEADER_BYTES + 8;

/**
 * Watches what our HTTP/2 engine sends for a GOAWAY with an error. The peer has broken the protocol then; the engine
 * ignores it from there on, but leaves the session open for the peer to close, which one that means ill does not.
 */
export class GoawayWatch {
  /** Bytes until the next frame begins. */
  #skipBytes: number;
  readonly #head = Buffer.alloc(GOAWAY_BYTES);
  #headBytes = 0;

  /** @param prefaceBytes What goes before the first frame: the preface, if we are the client. */
  constructor(prefaceBytes: number) {
    this.#skipBytes = prefaceBytes;
  }

  /** Takes the next bytes, however they are cut; true when they complete such a GOAWAY. */
  sees(chunk: Uint8Array): boolean {
    for (let at = 0; at < chunk.length; ) {
      if (this.#skipBytes > 0) {
        const skipped = Math.min(this.#skipBytes, chunk.length - at);
        this.#skipBytes -= skipped;
        at += skipped;
      } else {
        this.#head[this.#headBytes] = chunk[at] as number;
        this.#headBytes += 1;
        at += 1;
        if (this.#isError()) return true;
      }
    }
    return false;
  }

  #isError(): boolean {
    const isGoaway = this.#headBytes >= FRAME_HEADER_BYTES && this.#head[3] === FrameType.GOAWAY;
    if (this.#headBytes < (isGoaway ? GOAWAY_BYTES : FRAME_HEADER_BYTES)) return false;
    this.#skipBytes = FRAME_HEADER_BYTES + frameLength(this.#head, 0) - this.#headBytes;
    this.#headBytes = 0;
    return isGoaway && this.#head.readUInt32BE(GOAWAY_BYTES - 4) !== 0;
  }
}
