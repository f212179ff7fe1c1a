import { keccak256 } from '../../crypto/keccak.js';
import type { Checkpoint } from './extra.js';
import { wordOf } from './validator-set.js';

export interface CheckpointBlock {
  readonly chainId: number;
  readonly number: number;
  readonly hash: Uint8Array;
}

/** What validators sign: keccak over eight ABI words. @see polygon-edge@597a0f3 consensus/polybft/extra.go CheckpointData.Hash */
export function checkpointHash(
  checkpoint: Checkpoint,
  { chainId, number, hash }: CheckpointBlock,
): Uint8Array {
  return keccak256(
    wordOf(BigInt(chainId)),
    wordOf(BigInt(number)),
    hash,
    wordOf(checkpoint.blockRound),
    wordOf(checkpoint.epochNumber),
    checkpoint.eventRoot,
    checkpoint.currentValidatorsHash,
    checkpoint.nextValidatorsHash,
  );
}
