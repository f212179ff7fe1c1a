import type { BuiltChain } from '../chain-builder/index.js';
import { type VerdictOptions, VerifiedChain } from '../verified-chain.js';
import type { Refusal } from './mutation.js';

/** One kind of block that validators themselves may seal, or some of them, and must not. */
export interface Fault {
  readonly name: string;
  readonly refusal: Refusal;
  /** A chain whose newest block is the bad one. */
  readonly build: () => BuiltChain | Promise<BuiltChain>;
  /** The clock's time; later than any block unless told. */
  readonly nowMs?: number;
}

const LATE_MS = 10 ** 15;

/** What becomes of all blocks of a chain behind genesis, sent together. */
export async function verdictOnBuilt(chain: BuiltChain, options: VerdictOptions = {}) {
  const genesis = await VerifiedChain.of('built', chain.config, chain.blocks.slice(0, 1));
  return genesis.verdictOn(0, chain.blocks.slice(1), { nowMs: LATE_MS, ...options });
}
