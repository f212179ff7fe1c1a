import type { PoolEntry } from './pool-book.js';

/** Blocks that are remembered; deeper ones are not taken back on any network that runs. */
const MAX_BLOCKS = 64;
const MAX_BYTES = 8 * 1_024 * 1_024;

/** The transactions of the pool that recent blocks have, in case a block is taken back. The oldest block goes first. */
export class MinedBlocks {
  private readonly byBlock = new Map<string, readonly PoolEntry[]>();
  private bytes = 0;

  /** Blocks that are remembered. */
  get size(): number {
    return this.byBlock.size;
  }

  put(blockHash: string, entries: readonly PoolEntry[]): void {
    this.take(blockHash);
    this.byBlock.set(blockHash, entries);
    this.bytes += bytesOf(entries);
    for (const oldest of this.byBlock.keys()) {
      if (this.byBlock.size <= MAX_BLOCKS && this.bytes <= MAX_BYTES) break;
      this.take(oldest);
    }
  }

  /** Those of a block, which is forgotten. */
  take(blockHash: string): readonly PoolEntry[] {
    const entries = this.byBlock.get(blockHash) ?? [];
    this.byBlock.delete(blockHash);
    this.bytes -= bytesOf(entries);
    return entries;
  }
}

function bytesOf(entries: readonly PoolEntry[]): number {
  return entries.reduce((sum, { raw }) => sum + raw.length, 0);
}
