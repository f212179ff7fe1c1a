import { setImmediate as nextTurn } from 'node:timers/promises';
import { bytesEqual } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import type { BlockStore } from '../ports/block-store.port.js';
import type { Block, VerifiedBlock } from '../ports/types.js';
import { type BlockVerifier, mismatch, type Tip } from './block-verifier.js';

/** Blocks verified before other work gets its turn: some 5 ms. */
const BLOCKS_PER_TURN = 16;

export interface VerifiedBatch {
  /** What follows the tip, in order; blocks that are stored already are not among them. */
  readonly blocks: readonly VerifiedBlock[];
  /** The tip once these are stored. */
  readonly tip: Tip | undefined;
  /** What is wrong with the block after the last of these; undefined when all of the batch is good. */
  readonly failure: unknown;
}

/** Verifies batches against a tip and what is stored below it; stores nothing. */
export class BatchVerifier {
  private readonly verifier: BlockVerifier;
  private readonly store: BlockStore;

  constructor(verifier: BlockVerifier, store: BlockStore) {
    this.verifier = verifier;
    this.store = store;
  }

  /** Never rejects: the failure is part of what it gives. */
  async verify(
    rawBlocks: readonly Uint8Array[],
    startTip: Tip | undefined,
    signal: AbortSignal | undefined,
  ): Promise<VerifiedBatch> {
    const blocks: VerifiedBlock[] = [];
    let tip = startTip;
    let expected = numberAfter(startTip);
    try {
      for (const [index, raw] of rawBlocks.entries()) {
        if (index % BLOCKS_PER_TURN === BLOCKS_PER_TURN - 1) await nextTurn();
        if (signal?.aborted) throw new BlockchainError({ code: 'BLOCKCHAIN.CANCELLED' }, signal.reason);
        const block = this.verifier.decode(raw, expected);
        const { header } = block;
        expected = header.number + 1;
        if (header.number < numberAfter(tip)) {
          await this.assertKnown(block, blocks, numberAfter(tip));
          continue;
        }
        const verified = this.verifyNext(block, tip);
        blocks.push(verified);
        tip = { header, hash: verified.hash };
      }
      return { blocks, tip, failure: undefined };
    } catch (failure) {
      return { blocks, tip, failure };
    }
  }

  private verifyNext(block: Block, tip: Tip | undefined): VerifiedBlock {
    const { number } = block.header;
    if (tip === undefined) {
      if (number > 0) throw new BlockchainError({ code: 'BLOCKCHAIN.GENESIS_MISSING' });
      return this.verifier.verifyGenesis(block);
    }
    const expected = numberAfter(tip);
    // Said before the parent, whose hash cannot be right then.
    if (number > expected) throw new BlockchainError({ code: 'BLOCKCHAIN.BAD_SEQUENCE', number, expected });
    return this.verifier.verify(block, this.verifier.hash(block), tip);
  }

  /** Another block at a stored height is refused: chains are not reorganised yet. */
  private async assertKnown(block: Block, batch: readonly VerifiedBlock[], expected: number): Promise<void> {
    const { number } = block.header;
    const inBatch = batch.find((earlier) => earlier.number === number)?.hash;
    const known = inBatch ?? (await this.store.hashByNumber(number));
    if (number === 0) this.verifier.verifyGenesis(block);
    if (known !== undefined && bytesEqual(this.verifier.hash(block), known)) return;
    if (number === 0) throw mismatch('the hash of block 0 is another');
    throw new BlockchainError({ code: 'BLOCKCHAIN.BAD_SEQUENCE', number, expected });
  }
}

function numberAfter(tip: Tip | undefined): number {
  return tip === undefined ? 0 : tip.header.number + 1;
}
