import {
  DEFAULT_MAX_FRAME_BYTES,
  FRAME_HEADER_BYTES,
  FrameFlag,
  FrameType,
  frameLength,
  frameStream,
  writeFrameHeader,
} from './http2-frames.js';
import type { InboundFilter } from './inbound-filter.js';

/**
 * Joins neighbouring DATA frames of a stream into one, because Node's HTTP/2 calls back once per frame and a Go
 * server sends a frame per message: with messages of 1 kB that is most of the cost of reading. Sees the server's side
 * of one connection. The payload is what it was, so flow control and meaning are too; frames with padding or
 * END_STREAM, and those cut by the end of a chunk, go through as they are, like all other frames.
 */
export class DataMerge implements InboundFilter {
  readonly #maxFrameBytes: number;
  /** Until the server has acknowledged our SETTINGS, the default holds. */
  #limitBytes = DEFAULT_MAX_FRAME_BYTES;
  /** Bytes that go through before the next frame begins. */
  #passBytes = 0;
  /** Begin of a frame header that the end of a chunk cut. */
  #header: Uint8Array | undefined;

  /** @param maxFrameBytes What our SETTINGS allow the server. */
  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  push(received: Uint8Array, emit: (bytes: Uint8Array) => void): void {
    const chunk = this.#header === undefined ? received : Buffer.concat([this.#header, received]);
    this.#header = undefined;
    let emittedTo = 0;
    let at = Math.min(this.#passBytes, chunk.length);
    this.#passBytes -= at;
    while (at + FRAME_HEADER_BYTES <= chunk.length) {
      const run = this.#mergeable(chunk, at);
      if (run.frames > 1) {
        if (at > emittedTo) emit(chunk.subarray(emittedTo, at));
        emit(merge(chunk, at, run));
        at = run.end;
        emittedTo = at;
      } else {
        this.#noteAcknowledgement(chunk, at);
        const end = at + FRAME_HEADER_BYTES + frameLength(chunk, at);
        at = Math.min(end, chunk.length);
        this.#passBytes = end - at;
      }
    }
    if (this.#passBytes === 0 && at < chunk.length) this.#header = chunk.subarray(at);
    if (at > emittedTo) emit(emittedTo === 0 && at === chunk.length ? chunk : chunk.subarray(emittedTo, at));
  }

  #mergeable(chunk: Uint8Array, from: number): Run {
    const run: Run = { end: from, frames: 0, payloadBytes: 0 };
    const stream = frameStream(chunk, from);
    while (run.end + FRAME_HEADER_BYTES <= chunk.length) {
      const length = frameLength(chunk, run.end);
      const end = run.end + FRAME_HEADER_BYTES + length;
      const isPlainData = chunk[run.end + 3] === FrameType.DATA && chunk[run.end + 4] === 0;
      if (!isPlainData || end > chunk.length || frameStream(chunk, run.end) !== stream) break;
      if (run.payloadBytes + length > this.#limitBytes) break;
      run.end = end;
      run.frames += 1;
      run.payloadBytes += length;
    }
    return run;
  }

  #noteAcknowledgement(chunk: Uint8Array, at: number): void {
    if (chunk[at + 3] === FrameType.SETTINGS && chunk[at + 4] === FrameFlag.ACK) {
      this.#limitBytes = this.#maxFrameBytes;
    }
  }
}

/** Neighbouring DATA frames of one stream. */
interface Run {
  end: number;
  frames: number;
  payloadBytes: number;
}

function merge(chunk: Uint8Array, from: number, { end, payloadBytes }: Run): Uint8Array {
  const merged = Buffer.allocUnsafeSlow(FRAME_HEADER_BYTES + payloadBytes);
  writeFrameHeader(merged, 0, {
    length: payloadBytes,
    type: FrameType.DATA,
    flags: 0,
    stream: frameStream(chunk, from),
  });
  let to = FRAME_HEADER_BYTES;
  for (let at = from; at < end; ) {
    const payload = chunk.subarray(at + FRAME_HEADER_BYTES, at + FRAME_HEADER_BYTES + frameLength(chunk, at));
    merged.set(payload, to);
    to += payload.length;
    at += FRAME_HEADER_BYTES + payload.length;
  }
  return merged;
}
