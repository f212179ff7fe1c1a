import type { BlockSeals, Validator } from './consensus.port.js';
import type { Block, BlockRef } from './types.js';

export const CHAIN_EXPLORER = Symbol('CHAIN_EXPLORER');

/** By height, or by hash (32 bytes). */
export type BlockPlace = number | Uint8Array;

export interface FoundBlock extends BlockRef {
  readonly block: Block;
  /** False for a block that was removed from the chain, or never was of it. */
  readonly isCanonical: boolean;
}

/** How a validator set is known; the proto file says what each means. */
export type SetSource = 'none' | 'genesis' | 'checkpoint' | 'replayed votes' | 'set deltas' | 'trusted epoch';

export interface KnownSet {
  /** In the order of bitmaps. */
  readonly validators: readonly Validator[];
  readonly source: SetSource;
}

/** What a transaction is besides its fields. */
export interface TransactionFacts {
  readonly hash: Uint8Array;
  /** Undefined when its signature belongs to nobody. */
  readonly sender: Uint8Array | undefined;
}

/** What is to be proved. */
export interface ProofWish {
  readonly number: number;
  /** The height that the verifier trusts. */
  readonly from: number;
  /** Position of a transaction; without it the header is proved. */
  readonly index?: number;
}

/** What operators ask of single blocks; bounded by the largest block. */
export interface ChainExplorer {
  /**
   * Undefined above the head, and for a hash that is not known; a hash also finds blocks removed of late.
   * @throws {BlockchainError} BLOCKCHAIN.PRUNED below what is kept
   */
  find(place: BlockPlace): Promise<FoundBlock | undefined>;

  /** Undefined for genesis, and where the engine has no seals. */
  seals(found: FoundBlock): Promise<BlockSeals | undefined>;

  /** Of all transactions of a block, in its order. Takes turns with other work. */
  transactionFacts(block: Block): Promise<readonly TransactionFacts[]>;

  /**
   * The set in force for the block of this height; undefined above head + 1.
   * @throws {BlockchainError} BLOCKCHAIN.PRUNED below what is kept
   */
  validatorsAt(number: number): Promise<KnownSet | undefined>;

  /** JSON text for `edgekeeper/verifier`. @throws {BlockchainError} BLOCKCHAIN.PROOF_UNAVAILABLE */
  prove(wish: ProofWish): Promise<string>;
}
