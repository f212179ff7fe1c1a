import type { Header } from './types.js';

export const CONSENSUS = Symbol('CONSENSUS');

/** What a chain's engine knows: its header hash and its own rules for headers. */
export interface Consensus {
  readonly engine: 'ibft' | 'polybft' | 'dev' | 'dummy';
  /** What a verified block means on this chain, for status; such as `structure and proposer of the claimed set`. */
  readonly verification: string;

  /** @throws {BlockchainError} BLOCKCHAIN.BAD_EXTRA when the extra data cannot be decoded */
  headerHash(header: Header): Uint8Array;

  /**
   * The engine's rules for one header whose parent is known and whose structure holds.
   * @throws {BlockchainError} BLOCKCHAIN.BAD_HEADER | BLOCKCHAIN.BAD_SEAL | BLOCKCHAIN.BAD_EXTRA
   */
  verifyHeader(header: Header, hash: Uint8Array, parent: Header): void;
}
