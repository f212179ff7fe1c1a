import { rewriteHeaderBlock } from './header-block.js';
import {
  FRAME_HEADER_BYTES,
  FrameFlag,
  FrameType,
  frameLength,
  frameStream,
  PREFACE_BYTES,
} from './http2-frames.js';
import type { InboundFilter } from './inbound-filter.js';

/** Most bytes of one header block, frame headers included. */
export const MAX_HEADER_BLOCK_BYTES = 65_536;

const FIRST_HELD_BYTES = 512;

/**
 * Makes what a Go node sends as a gRPC client acceptable to Node's HTTP/2: an empty `:authority`, which nghttp2
 * answers with PROTOCOL_ERROR, becomes `-`. Sees the client's side of one connection, preface first.
 *
 * Header blocks are copied, looked at when complete, and passed on; all other frames go through by reference, in
 * the pieces they came in. At most {@link MAX_HEADER_BLOCK_BYTES} are held. What breaks the rules of framing goes
 * through as it is, for the engine to refuse.
 *
 * @see polygon-edge@597a0f3 network/grpc/grpc.go WrapClient (dials the target "")
 */
export class AuthorityRewrite implements InboundFilter {
  /** Bytes that go through before the next frame begins. */
  #passBytes = PREFACE_BYTES;
  #held = Buffer.allocUnsafe(FIRST_HELD_BYTES);
  #heldBytes = 0;
  /** Where in the held bytes the last frame begins. */
  #frameAt = 0;
  /** How many bytes must be held before there is something to decide. */
  #wantedBytes = FRAME_HEADER_BYTES;
  #frames = 0;
  #incomplete = 0;

  /** Frames begun since the last call. */
  takeFrameCount(): number {
    const frames = this.#frames;
    this.#frames = 0;
    return frames;
  }

  /** Tells one held frame or header block from the next; 0 while nothing is held. */
  get heldId(): number {
    return this.#heldBytes === 0 ? 0 : this.#incomplete;
  }

  /** @throws Error when a header block is larger than {@link MAX_HEADER_BLOCK_BYTES}. */
  push(chunk: Uint8Array, emit: (bytes: Uint8Array) => void): void {
    let emittedTo = 0;
    let at = 0;
    while (at < chunk.length) {
      const left = chunk.length - at;
      if (this.#passBytes > 0) {
        const passed = Math.min(this.#passBytes, left);
        this.#passBytes -= passed;
        at += passed;
      } else if (this.#heldBytes === 0 && left >= FRAME_HEADER_BYTES && chunk[at + 3] !== FrameType.HEADERS) {
        this.#frames += 1;
        this.#passBytes = FRAME_HEADER_BYTES + frameLength(chunk, at);
      } else {
        if (at > emittedTo) emit(chunk.subarray(emittedTo, at));
        const taken = Math.min(this.#wantedBytes - this.#heldBytes, left);
        this.#hold(chunk.subarray(at, at + taken));
        at += taken;
        emittedTo = at;
        if (this.#heldBytes === this.#wantedBytes) this.#decide(emit);
      }
    }
    if (emittedTo === 0 && at > 0) emit(chunk);
    else if (emittedTo < at) emit(chunk.subarray(emittedTo, at));
  }

  #hold(bytes: Uint8Array): void {
    if (this.#heldBytes === 0) this.#incomplete += 1;
    const needed = this.#heldBytes + bytes.length;
    if (needed > this.#held.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#held.length));
      larger.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = larger;
    }
    this.#held.set(bytes, this.#heldBytes);
    this.#heldBytes = needed;
  }

  /** The wanted bytes are here: either the header of the last held frame, or all of it. */
  #decide(emit: (bytes: Uint8Array) => void): void {
    const held = this.#held.subarray(0, this.#heldBytes);
    if (held.length === this.#frameAt + FRAME_HEADER_BYTES) {
      this.#frames += 1;
      const length = frameLength(held, this.#frameAt);
      const type = held[this.#frameAt + 3];
      const isFirst = this.#frameAt === 0;
      if (isFirst ? type !== FrameType.HEADERS : !this.#continues(type)) {
        this.#release(isFirst ? length : Number.POSITIVE_INFINITY);
        emit(Buffer.from(held));
        return;
      }
      this.#want(held.length + length);
      if (length > 0) return;
    }
    if (((held[this.#frameAt + 4] as number) & FrameFlag.END_HEADERS) === 0) {
      this.#frameAt = held.length;
      this.#want(held.length + FRAME_HEADER_BYTES);
      return;
    }
    this.#release(0);
    // A copy, since the engine may look at it after other bytes are held.
    emit(rewriteHeaderBlock(held) ?? Buffer.from(held));
    if (this.#held.length > FIRST_HELD_BYTES) this.#held = Buffer.allocUnsafe(FIRST_HELD_BYTES);
  }

  #continues(type: number | undefined): boolean {
    return (
      type === FrameType.CONTINUATION && frameStream(this.#held, this.#frameAt) === frameStream(this.#held, 0)
    );
  }

  #want(bytes: number): void {
    if (bytes > MAX_HEADER_BLOCK_BYTES) throw new Error(`header block over ${MAX_HEADER_BLOCK_BYTES} bytes`);
    this.#wantedBytes = bytes;
  }

  /** Nothing is held any more; that many bytes go through before the next frame. */
  #release(passBytes: number): void {
    this.#passBytes = passBytes;
    this.#heldBytes = 0;
    this.#frameAt = 0;
    this.#wantedBytes = FRAME_HEADER_BYTES;
  }
}
