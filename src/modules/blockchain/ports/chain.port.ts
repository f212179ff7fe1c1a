import type { Observable } from 'rxjs';
import type { BlockRef, BlockSource, ChainEvent, ChainHead, Header } from './types.js';

export const CHAIN = Symbol('CHAIN');
export const CHAIN_WRITER = Symbol('CHAIN_WRITER');

/** How the genesis block is known. `peer` = taken from a peer because its state root needs execution; every field the file fixes agreed. */
export type GenesisTrust = 'computed' | 'trusted root' | 'peer' | 'missing';

export interface ChainInfo {
  readonly name: string;
  readonly chainId: number;
  readonly engine: string;
  readonly verification: string;
  readonly genesisTrust: GenesisTrust;
  /** Undefined while a genesis that only a peer can give is missing. */
  readonly genesisHash: Uint8Array | undefined;
}

/** The canonical chain, to read. */
export interface Chain {
  /** State: replays the latest head; nothing while there is no genesis. */
  readonly head$: Observable<ChainHead>;
  /** Facts: no replay. */
  readonly events$: Observable<ChainEvent>;

  info(): ChainInfo;
  head(): ChainHead | undefined;
  header(number: number): Promise<Header | undefined>;
  hashByNumber(number: number): Promise<Uint8Array | undefined>;
  numberByHash(hash: Uint8Array): Promise<number | undefined>;
  /** Canonical block RLP. The genesis block has empty lists. */
  rawBlock(number: number): Promise<Uint8Array | undefined>;
  /**
   * Canonical RLP of consecutive blocks from `from`; empty above the head. One call is one read of the store.
   */
  rawBlocks(from: number, limits: { maxCount: number; maxBytes: number }): Promise<readonly Uint8Array[]>;
}

export interface InsertResult {
  /** Blocks stored by this call; those already known are skipped and not among them. */
  readonly inserted: readonly BlockRef[];
  readonly head: ChainHead;
}

/** The canonical chain, to write; only for `sync`, restore and the sealer. Calls are carried out one after another. */
export interface ChainWriter {
  /**
   * Decodes, verifies and stores consecutive blocks. When one is bad, those before it are stored and the error names
   * it: BlockchainError with `number`. Undecodable bytes: BLOCKCHAIN.UNDECODABLE; decodable but not canonical:
   * BLOCKCHAIN.NOT_CANONICAL. Block 0 is compared with genesis (BLOCKCHAIN.GENESIS_MISMATCH), or becomes genesis where
   * the chain waits for one.
   */
  insert(
    rawBlocks: readonly Uint8Array[],
    options: { source: BlockSource; signal?: AbortSignal },
  ): Promise<InsertResult>;
}
