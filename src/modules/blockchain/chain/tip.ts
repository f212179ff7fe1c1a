import { rawHeaderOf } from '../codec/block.codec.js';
import type { EngineState } from '../ports/consensus.port.js';
import type { BlockRef, ChainHead, Header, VerifiedBlock } from '../ports/types.js';

/** The newest block, as far as verifying the next one needs it. */
export interface Tip extends BlockRef {
  readonly timestamp: bigint;
  /** Block RLP. */
  readonly raw: Uint8Array;
  /** The engine's, after this block. */
  readonly state: EngineState;
}

export function headOf({ number, hash, timestamp }: Tip): ChainHead {
  return { number, hash, timestamp };
}

/** A block that the chain begins with: as it is stored, and as the tip that it is. */
export interface FirstBlock {
  readonly block: VerifiedBlock;
  readonly tip: Tip;
}

/** @param raw Block RLP of `header`. */
export function firstBlock(
  raw: Uint8Array,
  header: Header,
  hash: Uint8Array,
  state: EngineState,
): FirstBlock {
  const { number, parentHash, difficulty, timestamp } = header;
  const rawHeader = rawHeaderOf(raw);
  return {
    block: { number, hash, parentHash, raw, rawHeader, difficulty, state: state.encoded },
    tip: { number, hash, timestamp, raw, state },
  };
}
