import { BlockchainError } from '../blockchain.errors.js';
import { verifyBody } from '../consensus/verify-structure.js';
import { decodeBounded } from '../verification/examine-chunk.js';
import type { Anchor } from './anchor.js';
import type { GenesisRules } from './genesis-check.js';
import { type FirstBlock, firstBlock } from './tip.js';

/**
 * The block of a checkpoint: its hash is the one that the operator vouches for, and its body is its header's.
 * @throws {BlockchainError} BLOCKCHAIN.BAD_SEQUENCE | BLOCKCHAIN.ANCHOR_MISMATCH | BLOCKCHAIN.BAD_BODY, and for bytes that
 * are no block
 */
export function tipAtAnchor(
  raw: Uint8Array,
  anchor: Anchor,
  { config, consensus, maxBlockBytes }: GenesisRules,
): FirstBlock {
  const block = decodeBounded(raw, anchor.number, maxBlockBytes);
  const { header } = block;
  const { number } = header;
  if (number !== anchor.number) {
    throw new BlockchainError({ code: 'BLOCKCHAIN.BAD_SEQUENCE', number, expected: anchor.number });
  }
  const hash = consensus.headerHash(header);
  anchor.verify(number, hash);
  verifyBody(block, { hashWithType: config.forks.isActive('txHashWithType', number) });
  return firstBlock(raw, header, hash, anchor.stateWith(consensus, header));
}
