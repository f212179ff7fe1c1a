import type { Header } from './types.js';

/** What proofs are made of; a part of the canonical chain. */
export interface ProofSource {
  header(number: number): Promise<Header | undefined>;
  /** Canonical block RLP. */
  rawBlock(number: number): Promise<Uint8Array | undefined>;
  /** The newest block, at or below this one, after which the engine's state was another than before it; undefined where that is not known. */
  lastChange(number: number): Promise<number | undefined>;
}
