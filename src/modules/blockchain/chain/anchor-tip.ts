import { BlockchainError } from '../blockchain.errors.js';
import { rawHeaderOf } from '../codec/block.codec.js';
import { verifyBody } from '../consensus/verify-structure.js';
import type { VerifiedBlock } from '../ports/types.js';
import { decodeBounded } from '../verification/examine-chunk.js';
import type { Anchor } from './anchor.js';
import type { GenesisRules } from './genesis-check.js';
import type { Tip } from './tip.js';

/**
 * The block of a checkpoint: its hash is the one that the operator vouches for, and its body is its header's.
 * @throws {BlockchainError} BLOCKCHAIN.BAD_SEQUENCE | BLOCKCHAIN.ANCHOR_MISMATCH | BLOCKCHAIN.BAD_BODY, and for bytes that
 * are no block
 */
export function tipAtAnchor(
  raw: Uint8Array,
  anchor: Anchor,
  { config, consensus, maxBlockBytes }: GenesisRules,
): { readonly block: VerifiedBlock; readonly tip: Tip } {
  const block = decodeBounded(raw, anchor.number, maxBlockBytes);
  const { header } = block;
  const { number, parentHash, difficulty, timestamp } = header;
  if (number !== anchor.number) {
    throw new BlockchainError({ code: 'BLOCKCHAIN.BAD_SEQUENCE', number, expected: anchor.number });
  }
  const hash = consensus.headerHash(header);
  anchor.verify(number, hash);
  verifyBody(block, { hashWithType: config.forks.isActive('txHashWithType', number) });
  const state = anchor.stateWith(consensus, header);
  const verified = {
    number,
    hash,
    parentHash,
    raw,
    rawHeader: rawHeaderOf(raw),
    difficulty,
    state: state.encoded,
  };
  return { block: verified, tip: { number, hash, timestamp, raw, state } };
}
