import { BlockchainError } from '../blockchain.errors.js';
import { decodeHeader } from '../codec/header.codec.js';
import { verifyPlace } from '../consensus/verify-structure.js';
import type { Anomaly, Consensus, EngineState, HashedHeader } from '../ports/consensus.port.js';

// A proof does not age: that a header is from the future is for whoever receives it as new.
const ANY_TIME_MS = Number.MAX_SAFE_INTEGER;

export interface FollowedHeader extends HashedHeader {
  /** After it. */
  readonly state: EngineState;
  readonly anomalies: readonly Anomaly[];
}

/** @throws {BlockchainError} BLOCKCHAIN.UNDECODABLE | BLOCKCHAIN.BAD_EXTRA */
export function readHashed(rlp: Uint8Array, consensus: Consensus): HashedHeader {
  const header = decodeHeader(rlp);
  return { header, hash: consensus.headerHash(header) };
}

/**
 * Verifies consecutive headers as the node does, without their bodies.
 * @param parent Of the first; nothing of it is believed but what the first names by its hash.
 * @param state After the parent.
 * @throws {BlockchainError} what `verifyPlace`, `examine` and `judge` throw
 */
export function followHeaders(
  consensus: Consensus,
  parent: HashedHeader,
  headers: readonly HashedHeader[],
  state: EngineState,
): FollowedHeader[] {
  let before = parent;
  for (const next of headers) {
    verifyPlace(next.header, before.header, before.hash);
    before = next;
  }
  const examined = consensus.examine(headers, parent, state.encoded);
  const followed: FollowedHeader[] = [];
  let current = state;
  for (const [index, next] of headers.entries()) {
    const each = examined[index];
    if (each === undefined) throw notExamined(next.header.number);
    if ('refusal' in each) throw new BlockchainError(each.refusal);
    const judgement = consensus.judge(each.evidence, current, ANY_TIME_MS);
    followed.push({ ...next, ...judgement });
    current = judgement.state;
  }
  return followed;
}

function notExamined(number: number): BlockchainError {
  const reason = `there is no evidence of block ${number}`;
  return new BlockchainError({ code: 'BLOCKCHAIN.VERIFIER_FAILED', reason });
}
