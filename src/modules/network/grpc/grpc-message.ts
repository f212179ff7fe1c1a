/** Bytes before each message: a flag for compression and the length, big-endian. */
export const MESSAGE_HEADER_BYTES = 5;

/** What V8 and Node keep per chunk beside its bytes, roughly. */
const CHUNK_OVERHEAD_BYTES = 256;

const LARGE_MESSAGE_BYTES = 65_536;

export type MessageFault =
  | { readonly kind: 'too-large'; readonly bytes: number; readonly maxBytes: number }
  | { readonly kind: 'compressed' }
  | { readonly kind: 'bad-flag'; readonly flag: number };

/** A peer broke the framing of messages. */
export class MessageFramingError extends Error {
  readonly fault: MessageFault;

  constructor(fault: MessageFault) {
    super(`message framing: ${fault.kind}`);
    this.name = 'MessageFramingError';
    this.fault = fault;
  }
}

/** Writes the five bytes before a message of that length. */
export function writeMessageHeader(target: Buffer, at: number, length: number): void {
  target[at] = 0;
  target.writeUInt32BE(length, at + 1);
}

/** One uncompressed message with its header, copied. */
export function frameMessage(payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(MESSAGE_HEADER_BYTES + payload.length);
  writeMessageHeader(frame, 0, payload.length);
  frame.set(payload, MESSAGE_HEADER_BYTES);
  return frame;
}

/**
 * Cuts messages out of chunks. A message that lies within one chunk is a view of it; one that does not is
 * copied together once. Memory is bounded by the chunks not yet read and twice the message in the making.
 */
export class MessageReader {
  readonly #maxBytes: number;
  readonly #chunks: Uint8Array[] = [];
  #bufferedBytes = 0;
  #chunk: Uint8Array | undefined;
  #at = 0;
  /** Header and payload of a message that spans chunks. */
  #partial = Buffer.alloc(0);
  #partialBytes = 0;

  /** @param maxBytes Longest message that is taken, header not counted. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Memory held by chunks that were pushed and not yet read up. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** The same with the message in the making. */
  get heldBytes(): number {
    return this.#bufferedBytes + this.#partial.length;
  }

  /** Bytes wait that are no complete message; meaningful once `next` returned undefined. */
  get isMidMessage(): boolean {
    return this.#partialBytes > 0;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length + CHUNK_OVERHEAD_BYTES;
  }

  /** The next complete message, or undefined until more is pushed. @throws {MessageFramingError} */
  next(): Uint8Array | undefined {
    for (;;) {
      const chunk = this.#chunk ?? this.#nextChunk();
      if (chunk === undefined) return undefined;
      const left = chunk.length - this.#at;
      if (left === 0) {
        this.#dropChunk(chunk);
      } else if (this.#partialBytes > 0) {
        const message = this.#continuePartial(chunk);
        if (message !== undefined) return message;
      } else if (left < MESSAGE_HEADER_BYTES) {
        this.#stash(chunk, left, MESSAGE_HEADER_BYTES);
      } else {
        const from = this.#at + MESSAGE_HEADER_BYTES;
        const end = from + this.#readLength(chunk, this.#at);
        if (end <= chunk.length) {
          this.#at = end;
          return chunk.subarray(from, end);
        }
        this.#stash(chunk, left, end - this.#at);
      }
    }
  }

  #nextChunk(): Uint8Array | undefined {
    this.#chunk = this.#chunks.shift();
    this.#at = 0;
    return this.#chunk;
  }

  #dropChunk(chunk: Uint8Array): void {
    this.#bufferedBytes -= chunk.length + CHUNK_OVERHEAD_BYTES;
    this.#chunk = undefined;
  }

  #continuePartial(chunk: Uint8Array): Uint8Array | undefined {
    if (this.#partialBytes < MESSAGE_HEADER_BYTES) {
      this.#stash(chunk, MESSAGE_HEADER_BYTES - this.#partialBytes, MESSAGE_HEADER_BYTES);
      if (this.#partialBytes < MESSAGE_HEADER_BYTES) return undefined;
    }
    const wanted = MESSAGE_HEADER_BYTES + this.#readLength(this.#partial, 0);
    this.#stash(chunk, wanted - this.#partialBytes, wanted);
    if (this.#partialBytes < wanted) return undefined;
    const message = this.#partial.subarray(MESSAGE_HEADER_BYTES, wanted);
    this.#partial = Buffer.alloc(0);
    this.#partialBytes = 0;
    return message;
  }

  /** Moves up to that many bytes of the chunk to the partial message, whose size will be `wanted`. */
  #stash(chunk: Uint8Array, bytes: number, wanted: number): void {
    const end = Math.min(this.#at + bytes, chunk.length);
    const needed = this.#partialBytes + end - this.#at;
    if (needed > this.#partial.length) {
      // A large length is only a claim: memory follows the bytes that came.
      const room = wanted <= LARGE_MESSAGE_BYTES ? wanted : Math.min(wanted, 2 * needed);
      const larger = Buffer.allocUnsafe(Math.max(room, needed));
      larger.set(this.#partial.subarray(0, this.#partialBytes));
      this.#partial = larger;
    }
    this.#partial.set(chunk.subarray(this.#at, end), this.#partialBytes);
    this.#partialBytes = needed;
    this.#at = end;
  }

  #readLength(bytes: Uint8Array, at: number): number {
    const flag = bytes[at] as number;
    if (flag === 1) throw new MessageFramingError({ kind: 'compressed' });
    if (flag !== 0) throw new MessageFramingError({ kind: 'bad-flag', flag });
    const length =
      (bytes[at + 1] as number) * 0x1000000 +
      (((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 8) | (bytes[at + 4] as number));
    if (length > this.#maxBytes) {
      throw new MessageFramingError({ kind: 'too-large', bytes: length, maxBytes: this.#maxBytes });
    }
    return length;
  }
}
