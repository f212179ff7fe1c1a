import { BlockchainError, type BlockchainErrorDetail } from '../blockchain.errors.js';
import { decodeBlock } from '../codec/block.codec.js';
import { verifyStructure } from '../consensus/verify-structure.js';
import type { Forks } from '../genesis/chain-config.js';
import type { Consensus, HashedHeader } from '../ports/consensus.port.js';
import type { Block } from '../ports/types.js';

/** Consecutive blocks to be examined; plain data, as it crosses threads. */
export interface ExamineJob {
  /** Block RLP of the parent of the first, verified or being so. */
  readonly parent: Uint8Array;
  /** Block RLP as it came. */
  readonly blocks: readonly Uint8Array[];
  /** The engine's state after the parent, encoded; verified or foreseen. */
  readonly hint: Uint8Array;
}

/** A block that breaks no rule but perhaps those that need the engine's state. */
export interface ExaminedBlock {
  readonly number: number;
  readonly hash: Uint8Array;
  readonly parentHash: Uint8Array;
  readonly difficulty: bigint;
  readonly timestamp: bigint;
  /** The engine's, for its `judge`. */
  readonly evidence: unknown;
}

export interface ExaminedChunk {
  /** The blocks before the first that breaks a rule, in order. */
  readonly blocks: readonly ExaminedBlock[];
  /** What refuses the block after these; undefined when all are good. */
  readonly refusal: BlockchainErrorDetail | undefined;
}

export interface ExamineRules {
  readonly consensus: Consensus;
  readonly forks: Forks;
  readonly maxBlockBytes: number;
}

/** All that can be said of blocks without the engine's state. Throws only where the parent cannot be decoded. */
export function examineChunk({ parent, blocks, hint }: ExamineJob, rules: ExamineRules): ExaminedChunk {
  const { consensus } = rules;
  const parentHeader = decodeBlock(parent).header;
  const first: HashedHeader = { header: parentHeader, hash: consensus.headerHash(parentHeader) };
  const hashed: HashedHeader[] = [];
  let refusal: BlockchainErrorDetail | undefined;
  let last = first;
  for (const raw of blocks) {
    try {
      last = examineStructure(raw, last, rules);
      hashed.push(last);
    } catch (error) {
      if (!(error instanceof BlockchainError)) throw error;
      refusal = error.detail;
      break;
    }
  }
  const examined: ExaminedBlock[] = [];
  for (const [index, each] of consensus.examine(hashed, first, hint).entries()) {
    const next = hashed[index];
    if (next === undefined) break;
    if ('refusal' in each) return { blocks: examined, refusal: each.refusal };
    examined.push(examinedOf(next, each.evidence));
  }
  return { blocks: examined, refusal };
}

function examineStructure(raw: Uint8Array, parent: HashedHeader, rules: ExamineRules): HashedHeader {
  const block = decodeBounded(raw, parent.header.number + 1, rules.maxBlockBytes);
  const { header } = block;
  const hashWithType = rules.forks.isActive('txHashWithType', header.number);
  verifyStructure(block, parent.header, parent.hash, { hashWithType });
  return { header, hash: rules.consensus.headerHash(header) };
}

/**
 * A block from outside, of a bounded size.
 * @param expected The number that it should have, for errors about bytes in which no number can be read.
 * @throws {BlockchainError} BLOCKCHAIN.TOO_LARGE | BLOCKCHAIN.UNDECODABLE | BLOCKCHAIN.NOT_CANONICAL
 */
export function decodeBounded(raw: Uint8Array, expected: number, maxBytes: number): Block {
  if (raw.length > maxBytes) {
    throw new BlockchainError({ code: 'BLOCKCHAIN.TOO_LARGE', number: expected, maxBytes });
  }
  try {
    return decodeBlock(raw);
  } catch (cause) {
    if (!(cause instanceof BlockchainError) || 'number' in cause.detail) throw cause;
    throw new BlockchainError({ ...cause.detail, number: expected } as BlockchainErrorDetail, cause);
  }
}

/** Copies: views would carry the whole block along to another thread. */
function examinedOf({ header, hash }: HashedHeader, evidence: unknown): ExaminedBlock {
  const { number, difficulty, timestamp } = header;
  return { number, hash, parentHash: header.parentHash.slice(), difficulty, timestamp, evidence };
}
