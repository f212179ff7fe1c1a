import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeBlock } from '../codec/block.codec.js';
import {
  type ExaminedBlock,
  type ExaminedChunk,
  type ExamineJob,
  type ExamineRules,
  examineChunk,
} from './examine-chunk.js';

export const EXAMINER = Symbol('EXAMINER');

/** Examines chunks of blocks, several at a time. */
export interface Examiner {
  /** @throws {BlockchainError} BLOCKCHAIN.VERIFIER_FAILED */
  examine(job: ExamineJob): Promise<ExaminedChunk>;
  /** Ends what is under way. */
  close(): Promise<void>;
}

/** Blocks examined before other work gets its turn: some 5 ms. */
const BLOCKS_PER_TURN = 8;

/** Examines in the calling thread: the few blocks at the head, and where no threads are wanted. */
export class InlineExaminer implements Examiner {
  constructor(private readonly rules: ExamineRules) {}

  async examine({ parent, blocks, hint }: ExamineJob): Promise<ExaminedChunk> {
    const examined: ExaminedBlock[] = [];
    let before = parent;
    let state = this.rules.consensus.decodeState(hint);
    for (let at = 0; at < blocks.length; at += BLOCKS_PER_TURN) {
      if (at > 0) await nextTurn();
      const some = blocks.slice(at, at + BLOCKS_PER_TURN);
      const chunk = examineChunk({ parent: before, blocks: some, hint: state.encoded }, this.rules);
      examined.push(...chunk.blocks);
      if (chunk.refusal !== undefined) return { blocks: examined, refusal: chunk.refusal };
      before = some.at(-1) ?? before;
      if (at + BLOCKS_PER_TURN < blocks.length)
        state = this.rules.consensus.foresee(state, () => some.map((raw) => decodeBlock(raw).header));
    }
    return { blocks: examined, refusal: undefined };
  }

  async close(): Promise<void> {}
}
