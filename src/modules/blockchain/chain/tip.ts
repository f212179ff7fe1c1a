import type { EngineState } from '../ports/consensus.port.js';
import type { BlockRef, ChainHead } from '../ports/types.js';

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
