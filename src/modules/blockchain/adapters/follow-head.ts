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
      throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_GAP', number, expected });
    }
    last = { number, hash: hash.slice(), totalDifficulty: (last?.totalDifficulty ?? 0n) + difficulty };
    return { block, head: last };
  });
}

/**
 * The height of the head, when the chain can be cut back to `number`.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_GAP when that block is not stored
 */
export function assertRewindable(head: StoreHead | undefined, number: number): number {
  const newest = head?.number ?? -1;
  if (Number.isSafeInteger(number) && number >= 0 && number <= newest) return newest;
  throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_GAP', number, expected: newest });
}
