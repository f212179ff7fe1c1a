export interface BufferLimits {
  readonly maxBlocks: number;
  readonly maxBytes: number;
}

type End = { readonly error: unknown } | 'ok';

/**
 * Hands blocks from the reader of a stream to the writer of the chain: the writer takes all that has arrived, and the
 * reader waits while a full batch is untaken, which is what stops the peer. One reader, one writer.
 */
export class BlockBuffer {
  private pending: Uint8Array[] = [];
  private bytes = 0;
  private end: End | undefined;
  private wakeReader: (() => void) | undefined;
  private wakeWriter: (() => void) | undefined;

  constructor(private readonly limits: BufferLimits) {}

  /** Whether all that has arrived is taken. */
  get isEmpty(): boolean {
    return this.pending.length === 0;
  }

  /** Adds a block; resolves when there is room for the next one, with false when no more is wanted. */
  async put(block: Uint8Array): Promise<boolean> {
    if (this.end !== undefined) return false;
    this.pending.push(block);
    this.bytes += block.length;
    this.wakeWriter?.();
    if (this.isFull()) {
      await new Promise<void>((resolve) => {
        this.wakeReader = resolve;
      });
      this.wakeReader = undefined;
    }
    return this.end === undefined;
  }

  /** What has arrived, at least one block; undefined at the end. Throws what the stream failed with, once all before it was taken. */
  async take(): Promise<readonly Uint8Array[] | undefined> {
    if (this.isEmpty && this.end === undefined) {
      await new Promise<void>((resolve) => {
        this.wakeWriter = resolve;
      });
      this.wakeWriter = undefined;
    }
    if (!this.isEmpty) {
      const batch = this.pending;
      this.pending = [];
      this.bytes = 0;
      this.wakeReader?.();
      return batch;
    }
    if (this.end !== undefined && this.end !== 'ok') throw this.end.error;
    return undefined;
  }

  /** No more blocks come: the stream ended well, or failed. The first call counts. */
  finish(end: End): void {
    this.end ??= end;
    this.wakeReader?.();
    this.wakeWriter?.();
  }

  private isFull(): boolean {
    return this.pending.length >= this.limits.maxBlocks || this.bytes >= this.limits.maxBytes;
  }
}
