import { bytesEqual } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { decodeBlock, numberOf } from '../codec/block.codec.js';
import type { Examiner } from '../verification/examiner.js';
import type { Anchor } from './anchor.js';
import { tipAtAnchor } from './anchor-tip.js';
import { type GenesisRules, verifyGenesis } from './genesis-check.js';
import { InsertQueue } from './insert-queue.js';
import { type JudgedChunk, judgeChunk } from './judge-chunk.js';
import type { Tip } from './tip.js';

/** Batches that are examined while an earlier one is judged. */
const MAX_UNDER_WAY = 4;

export interface VerifyBlocksOptions extends GenesisRules {
  readonly examiner: Examiner;
  readonly anchor: Anchor | undefined;
  /** A block that is taken as it is where the blocks begin with it: the oldest one of a pruned store. */
  readonly trusted?: Tip | undefined;
  readonly isStrict: boolean;
  readonly nowMs: () => number;
  /** Called for each batch in order, with what is good of it. */
  readonly onJudged?: (judged: JudgedChunk) => void;
}

export interface Verified {
  /** The last good block; undefined when there is none. */
  readonly tip: Tip | undefined;
  /** What is wrong with the block after it; undefined when all are good. */
  readonly failure: BlockchainError | undefined;
}

/**
 * Verifies consecutive blocks that nobody stores: from genesis, the checkpoint or the trusted block on. Ends at the first that is bad.
 * @throws what `batches` throws
 */
export async function verifyBlocks(
  batches: AsyncIterable<readonly Uint8Array[]>,
  options: VerifyBlocksOptions,
): Promise<Verified> {
  const { consensus, examiner, nowMs, onJudged } = options;
  let tip: Tip | undefined;
  const queue = new InsertQueue(consensus, examiner, () => tip);
  const underWay: Promise<void>[] = [];
  const verify = (batch: readonly Uint8Array[]) =>
    queue.insert(batch, async (ahead) => {
      const start = tip;
      if (start === undefined) throw new BlockchainError({ code: 'BLOCKCHAIN.GENESIS_MISSING' });
      const job = { parent: start.raw, blocks: batch, hint: start.state.encoded };
      const chunk = await (ahead?.parent === start.raw ? ahead.chunk : examiner.examine(job));
      const judged = judgeChunk(batch, chunk, start, {
        ...options,
        votesConfirmed: false,
        nowMs: nowMs(),
      });
      tip = judged.tip;
      onJudged?.(judged);
      if (judged.failure !== undefined) throw judged.failure;
    });
  try {
    for await (const batch of batches) {
      const rest = tip === undefined ? batch.slice(1) : batch;
      tip ??= startWith(batch[0], options);
      if (rest.length === 0) continue;
      if (underWay.length >= MAX_UNDER_WAY) await underWay.shift();
      const done = verify(rest);
      // It is waited for in its turn; an earlier failure comes first.
      done.catch(() => undefined);
      underWay.push(done);
    }
    for (const done of underWay) await done;
    return { tip, failure: undefined };
  } catch (error) {
    await queue.settled;
    if (error instanceof BlockchainError && error.code !== 'BLOCKCHAIN.ARCHIVE_INVALID') {
      return { tip, failure: error };
    }
    throw error;
  }
}

function startWith(raw: Uint8Array | undefined, options: VerifyBlocksOptions): Tip | undefined {
  if (raw === undefined) return undefined;
  const { anchor, trusted } = options;
  if (numberOf(raw) === 0) return verifyGenesis(raw, options).tip;
  if (anchor !== undefined && numberOf(raw) === anchor.number) return tipAtAnchor(raw, anchor, options).tip;
  if (trusted !== undefined && bytesEqual(raw, trusted.raw)) return trusted;
  const number = numberOf(raw) ?? decodeBlock(raw).header.number;
  throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_GAP', number, expected: anchor?.number ?? 0 });
}
