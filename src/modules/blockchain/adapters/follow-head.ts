import { bytesEqual } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import type { StoreHead } from '../ports/block-store.port.js';
import type { VerifiedBlock } from '../ports/types.js';

export interface Appended {
  readonly block: VerifiedBlock;
  /** The head once this block is stored. */
  readonly head: StoreHead;
}

/**
 * Each block with the head it makes, when the blocks follow one another and `head`.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_GAP
 */
export function followHead(head: StoreHead | undefined, blocks: readonly VerifiedBlock[]): Appended[] {
  let last = head;
  return blocks.map((block) => {
    const { number, hash, parentHash, difficulty } = block;
    const expected = last === undefined ? 0 : last.number + 1;
    if (number !== expected || (last !== undefined && !bytesEqual(parentHash, last.hash))) {
      throw gap(number, expected);
    }
    last = {
      number,
      hash: new Uint8Array(hash),
      totalDifficulty: (last?.totalDifficulty ?? 0n) + difficulty,
    };
    return { block, head: last };
  });
}

/**
 * The same for blocks that follow any block of the chain.
 * @param stored The block at a height of the chain, when there is one.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_GAP
 */
export function followParent(
  blocks: readonly VerifiedBlock[],
  stored: (number: number) => StoreHead | undefined,
): Appended[] {
  const [first] = blocks;
  if (first === undefined) return [];
  const parent = stored(first.number - 1);
  if (parent === undefined) throw gap(first.number, 0);
  return followHead(parent, blocks);
}

/**
 * Passes when a chain that starts at `block` can be stored above block 0.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_GAP
 */
export function assertStartable(head: StoreHead | undefined, { number }: VerifiedBlock): void {
  if (head?.number !== 0 || number < 1) throw gap(number, head === undefined ? 0 : head.number + 1);
}

/**
 * The height of the head, when the chain can be cut back to `number`.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_GAP when that block is not stored
 */
export function assertRewindable(head: StoreHead | undefined, tail: number, number: number): number {
  const newest = head?.number ?? -1;
  if (Number.isSafeInteger(number) && number >= tail && number <= newest) return newest;
  throw gap(number, newest);
}

/** The heights that one step of pruning removes: `from` up to `end`, `end` not included; none when they are equal. */
export function pruneEnd(
  head: StoreHead | undefined,
  tail: number,
  number: number,
  maxCount: number,
): { readonly from: number; readonly end: number } {
  const from = Math.max(tail, 1);
  const end = Math.floor(Math.min(number, head?.number ?? 0, from + maxCount));
  return { from, end: Number.isNaN(end) ? from : Math.max(end, from) };
}

/** The error for a block that does not fit where it is to go. */
export function gap(number: number, expected: number): BlockchainError {
  return new BlockchainError({ code: 'BLOCKCHAIN.STORE_GAP', number, expected });
}
