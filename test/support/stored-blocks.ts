import type { VerifiedBlock } from '../../src/modules/blockchain/ports/types.js';
import { encodeBytes, encodeList } from '../../src/modules/blockchain/rlp/rlp.js';

/** Hash of the made-up block at a height; `fork` tells chains apart. */
export function storedHash(number: number, fork = 0): Uint8Array {
  const hash = new Uint8Array(32).fill(fork + 1);
  new DataView(hash.buffer).setUint32(0, number);
  return hash;
}

interface StoredBlockOptions {
  readonly bytes?: number;
  readonly fork?: number;
  readonly parentFork?: number;
  /** Blocks whose height is a multiple of this have a state. */
  readonly statesEvery?: number;
}

/** The made-up state after a block. */
export function storedState(number: number, fork = 0): Uint8Array {
  return Buffer.from(`state after ${number} of fork ${fork}`);
}

/** A block as stores take it: nothing of it but the shape is real. */
export function aStoredBlock(
  number: number,
  { bytes = 100, fork = 0, parentFork = fork, statesEvery }: StoredBlockOptions = {},
): VerifiedBlock {
  const rawHeader = encodeList([encodeBytes(storedHash(number, fork))]);
  const raw = encodeList([rawHeader, encodeBytes(new Uint8Array(bytes).fill(number)), encodeList([])]);
  const parentHash = number === 0 ? new Uint8Array(32) : storedHash(number - 1, parentFork);
  const block = { number, hash: storedHash(number, fork), parentHash, raw, rawHeader };
  const hasState = statesEvery !== undefined && number % statesEvery === 0;
  return {
    ...block,
    difficulty: BigInt(number),
    ...(hasState && { state: storedState(number, fork) }),
  };
}

/** Made-up blocks `from` to `to`, both included. */
export function storedBlocks(
  from: number,
  to: number,
  options: Omit<StoredBlockOptions, 'parentFork'> = {},
): VerifiedBlock[] {
  return Array.from({ length: to - from + 1 }, (_, index) => aStoredBlock(from + index, options));
}
