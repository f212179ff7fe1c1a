/** Hashes and addresses are bytes inside, lower-case 0x hex at the edges. Heights are numbers up to 2^53-1. */

/** The 16 header items (protocol.md 8.3), decoded. */
export interface Header {
  readonly parentHash: Uint8Array;
  readonly sha3Uncles: Uint8Array;
  /** 20 bytes, except in vote blocks of IBFT chains with BLS validators (RLP of a validator). */
  readonly miner: Uint8Array;
  readonly stateRoot: Uint8Array;
  readonly txRoot: Uint8Array;
  readonly receiptsRoot: Uint8Array;
  readonly logsBloom: Uint8Array;
  readonly difficulty: bigint;
  readonly number: number;
  readonly gasLimit: bigint;
  readonly gasUsed: bigint;
  /** Seconds since the epoch. */
  readonly timestamp: bigint;
  readonly extraData: Uint8Array;
  readonly mixHash: Uint8Array;
  /** 8 bytes. */
  readonly nonce: Uint8Array;
  readonly baseFee: bigint;
}

/** A transaction as it stands in a block: its type and the exact RLP list that came. Decoded further only when asked. */
export interface RawTransaction {
  /** 0x00 legacy, 0x02 dynamic fee, 0x7f state. */
  readonly type: number;
  /** The RLP list, without the type byte. */
  readonly rlp: Uint8Array;
  /** The most gas that it may use. */
  readonly gas: bigint;
}

export interface Block {
  readonly header: Header;
  readonly transactions: readonly RawTransaction[];
  /** The canonical RLP of the block, as it came. */
  readonly raw: Uint8Array;
}

export interface BlockRef {
  readonly number: number;
  readonly hash: Uint8Array;
}

/** A block that passed verification, ready to be stored. */
export interface VerifiedBlock extends BlockRef {
  readonly parentHash: Uint8Array;
  /** Canonical block RLP. */
  readonly raw: Uint8Array;
  /** RLP of the header, a part of `raw`. */
  readonly rawHeader: Uint8Array;
  readonly difficulty: bigint;
  /** What the engine knows after this block, where it differs from what it knew before; always for genesis. */
  readonly state?: Uint8Array;
}

/** The newest block of the canonical chain. */
export interface ChainHead extends BlockRef {
  readonly timestamp: bigint;
}

/** Where a block came from. */
export type BlockSource = 'genesis' | 'sync' | 'restore' | 'sealer';

/**
 * Fires after the store's transaction is durable and after `head()` moved.
 * `added` and `removed` in the order of the reference: new head first on a reorg.
 */
export interface ChainEvent {
  readonly type: 'head:changed';
  readonly added: readonly BlockRef[];
  readonly removed: readonly BlockRef[];
  readonly source: BlockSource;
  readonly atMs: number;
}
