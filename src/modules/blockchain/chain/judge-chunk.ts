import { bytesEqual } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { rawHeaderOf } from '../codec/block.codec.js';
import type { Anomaly, Consensus } from '../ports/consensus.port.js';
import type { VerifiedBlock } from '../ports/types.js';
import type { ExaminedBlock, ExaminedChunk } from '../verification/examine-chunk.js';
import type { Anchor } from './anchor.js';
import type { Tip } from './tip.js';

export interface BlockAnomaly extends Anomaly {
  readonly number: number;
  readonly hash: Uint8Array;
}

export interface JudgeRules {
  readonly consensus: Consensus;
  /** Refuse what would be an anomaly. */
  readonly isStrict: boolean;
  /** The checkpoint that the chain must go through. */
  readonly anchor: Anchor | undefined;
  readonly nowMs: number;
  /** Other peers gave the votes up to `start` as well. */
  readonly votesConfirmed: boolean;
}

export interface JudgedChunk {
  readonly blocks: readonly VerifiedBlock[];
  /** The last of these, or the tip before. */
  readonly tip: Tip;
  readonly anomalies: readonly BlockAnomaly[];
  /** What is wrong with the block after the last of these; undefined when all are good. */
  readonly failure: BlockchainError | undefined;
}

/**
 * Holds examined blocks against the engine's state, one after another.
 * @param start What the first of them follows, as stored.
 */
export function judgeChunk(
  raws: readonly Uint8Array[],
  { blocks: examined, refusal }: ExaminedChunk,
  start: Tip,
  rules: JudgeRules,
): JudgedChunk {
  const blocks: VerifiedBlock[] = [];
  const anomalies: BlockAnomaly[] = [];
  let stored = start.state;
  let tip = rules.votesConfirmed ? { ...start, state: rules.consensus.confirmVotes(stored) } : start;
  try {
    for (const [index, block] of examined.entries()) {
      const raw = raws[index];
      if (raw === undefined) break;
      const { state, anomalies: found } = judgeOne(block, tip, rules);
      for (const anomaly of found) anomalies.push({ ...anomaly, number: block.number, hash: block.hash });
      const isKnown = state === stored || bytesEqual(state.encoded, stored.encoded);
      blocks.push(verifiedOf(block, raw, isKnown ? undefined : state.encoded));
      stored = state;
      tip = { number: block.number, hash: block.hash, timestamp: block.timestamp, raw, state };
    }
  } catch (error) {
    if (!(error instanceof BlockchainError)) throw error;
    return { blocks, tip, anomalies, failure: error };
  }
  return { blocks, tip, anomalies, failure: refusal && new BlockchainError(refusal) };
}

function judgeOne({ number, hash, evidence }: ExaminedBlock, { state }: Tip, rules: JudgeRules) {
  const { consensus, isStrict, anchor, nowMs } = rules;
  anchor?.verify(number, hash);
  const judgement = consensus.judge(evidence, state, nowMs);
  const [first] = judgement.anomalies;
  if (isStrict && first !== undefined) {
    throw new BlockchainError({ code: 'BLOCKCHAIN.ANOMALY', number, rule: first.rule, reason: first.reason });
  }
  return judgement;
}

function verifiedOf(block: ExaminedBlock, raw: Uint8Array, state: Uint8Array | undefined): VerifiedBlock {
  const { number, hash, parentHash, difficulty } = block;
  const verified = { number, hash, parentHash, raw, rawHeader: rawHeaderOf(raw), difficulty };
  return state === undefined ? verified : { ...verified, state };
}
