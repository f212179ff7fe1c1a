import type { Round } from './round.js';

export interface BookLimits {
  /** Heights leased at a time. */
  readonly rangeBlocks: number;
  /** Blocks that wait to be handed to the chain, all peers together. */
  readonly bufferBlocks: number;
  /** Their bytes; one block for each stream may come on top. */
  readonly bufferBytes: number;
  /** Blocks handed to the chain at a time. */
  readonly batchBlocks: number;
  readonly batchBytes: number;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Heights that one round is to bring, and what it brought of them and nobody has taken yet. */
export interface Lease {
  readonly round: Round;
  readonly from: number;
  /** Height of the first of `blocks`, or of the next to come. */
  readonly start: number;
  readonly to: number;
  readonly blocks: readonly Uint8Array[];
  /** Whether more is to come. */
  readonly isOpen: boolean;
}

/** The range book's own side of a {@link Lease}. */
export class BookedLease implements Lease {
  readonly round: Round;
  readonly from: number;
  start: number;
  to: number;
  blocks: Uint8Array[];
  bytes: number;
  isOpen: boolean;
  /** Of a reader that waits for room. */
  wake: (() => void) | undefined;

  /** @param blocks What came before; nothing more comes then. */
  constructor(round: Round, { from, to }: Range, blocks: readonly Uint8Array[] = []) {
    this.round = round;
    this.from = from;
    this.start = from;
    this.to = to;
    this.blocks = [...blocks];
    this.bytes = bytesOf(blocks);
    this.isOpen = blocks.length === 0;
  }

  get next(): number {
    return this.start + this.blocks.length;
  }

  put(block: Uint8Array): void {
    this.blocks.push(block);
    this.bytes += block.length;
  }

  /** Takes blocks off the front; gives their bytes. */
  shift(count: number): number {
    const bytes = bytesOf(this.blocks.splice(0, count));
    this.start += count;
    this.bytes -= bytes;
    return bytes;
  }
}

/** Blocks of one round in a batch. */
export interface BatchPart {
  readonly round: Round;
  readonly from: number;
  readonly count: number;
}

/** Consecutive blocks for the chain, and who gave which. */
export interface Batch {
  readonly from: number;
  readonly blocks: readonly Uint8Array[];
  readonly bytes: number;
  readonly parts: readonly BatchPart[];
}

function bytesOf(blocks: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const { length } of blocks) bytes += length;
  return bytes;
}
