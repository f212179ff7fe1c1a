import { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';
import { MESSAGE_HEADER_BYTES, writeMessageHeader } from './grpc-message.js';

/** Bytes that leave in one write. */
const BATCH_BYTES = 65_536;
/** Batch buffers kept for reuse. */
const SPARE_BATCHES = 4;

/** Above this many bytes not yet sent, writers are told to wait; they go on below half of it. */
export const MAX_PENDING_BYTES = 262_144;

/**
 * Gathers messages, so that an HTTP/2 stream gets few large writes: a batch leaves when it is full, or once the
 * event loop has turned. Counts what was not sent yet, which is what backpressure goes by. Emits `drain`, and `empty`
 * when all has left.
 */
export class BulkWriter extends EventEmitter<{ drain: []; empty: [] }> {
  readonly #target: Writable;
  readonly #spare: Buffer[] = [];
  #batch: Buffer | undefined;
  #batchBytes = 0;
  #inFlightBytes = 0;
  #sentBytes = 0;
  #mustDrain = false;
  #isFlushPending = false;

  constructor(target: Writable) {
    super();
    this.#target = target;
  }

  /** Bytes that left us; grows while the reader reads. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  get pendingBytes(): number {
    return this.#inFlightBytes + this.#batchBytes;
  }

  get needsDrain(): boolean {
    return this.#mustDrain;
  }

  /** Copies one message with its header into the batch; false when the writer must wait for `drain`. */
  write(payload: Uint8Array): boolean {
    const size = MESSAGE_HEADER_BYTES + payload.length;
    if (this.#batch !== undefined && this.#batchBytes + size > this.#batch.length) this.flush();
    this.#batch ??= (size <= BATCH_BYTES ? this.#spare.pop() : undefined) ?? newBatch(size);
    writeMessageHeader(this.#batch, this.#batchBytes, payload.length);
    this.#batch.set(payload, this.#batchBytes + MESSAGE_HEADER_BYTES);
    this.#batchBytes += size;
    if (this.#batchBytes >= BATCH_BYTES) this.flush();
    else this.#flushSoon();
    this.#mustDrain ||= this.pendingBytes >= MAX_PENDING_BYTES;
    return !this.#mustDrain;
  }

  /** Hands the batch over now. */
  flush(): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    const bytes = this.#batchBytes;
    this.#batch = undefined;
    this.#batchBytes = 0;
    this.#inFlightBytes += bytes;
    this.#target.write(batch.subarray(0, bytes), () => this.#onSent(batch, bytes));
  }

  #flushSoon(): void {
    if (this.#isFlushPending) return;
    this.#isFlushPending = true;
    setImmediate(() => {
      this.#isFlushPending = false;
      this.flush();
    });
  }

  #onSent(batch: Buffer, bytes: number): void {
    this.#inFlightBytes -= bytes;
    this.#sentBytes += bytes;
    if (batch.length === BATCH_BYTES && this.#spare.length < SPARE_BATCHES) this.#spare.push(batch);
    if (this.pendingBytes === 0) this.emit('empty');
    if (!this.#mustDrain || this.pendingBytes > MAX_PENDING_BYTES / 2) return;
    this.#mustDrain = false;
    this.emit('drain');
  }
}

function newBatch(size: number): Buffer {
  return Buffer.allocUnsafeSlow(Math.max(size, BATCH_BYTES));
}
