import type { Observable } from 'rxjs';
import type { Validator } from './consensus.port.js';
import type { Rule } from './rules.js';
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
  /** What verification starts from: genesis, or the checkpoint that the operator gave. */
  readonly anchor: ChainAnchor;
  /** From this height on blocks are kept, besides block 0. */
  readonly tail: number;
  /** Whether blocks that break a rule which only we check are refused. */
  readonly isStrict: boolean;
  /** Validator sets taken on trust up to the head, as only execution could prove them. */
  readonly trustedSets: number;
  /** Anomalies since the start of the process, and the newest. */
  readonly anomalies: { readonly count: number; readonly last: ChainAnomaly | undefined };
  /** Branches that conflict with final blocks, since the start of the process. */
  readonly conflicts: number;
  /** Why blocks cannot be stored at present; undefined when they can. */
  readonly degraded: string | undefined;
}

export interface ChainAnchor {
  readonly kind: 'genesis' | 'checkpoint';
  readonly number: number;
  /** Undefined while the genesis is. */
  readonly hash: Uint8Array | undefined;
}

/** A block of the chain that breaks a rule which only we check. */
export interface ChainAnomaly extends BlockRef {
  /** Its stable name (docs/verification.md). */
  readonly rule: Rule;
  readonly reason: string;
}

export type ChainAlarm =
  | { readonly type: 'chain:anomaly'; readonly anomaly: ChainAnomaly; readonly atMs: number }
  /** Validators sealed two blocks of one height; the second is kept by its hash, and not taken. */
  | {
      readonly type: 'chain:conflict';
      readonly number: number;
      readonly hash: Uint8Array;
      readonly atMs: number;
    };

/** The canonical chain, to read. */
export interface Chain {
  /** State: replays the latest head; nothing while there is no genesis. */
  readonly head$: Observable<ChainHead>;
  /** Facts: no replay. */
  readonly events$: Observable<ChainEvent>;
  /** Facts: fires for each, after the block is stored; also for a branch that conflicts with final blocks. */
  readonly alarms$: Observable<ChainAlarm>;

  info(): ChainInfo;
  head(): ChainHead | undefined;
  /** The height to ask peers for next: above the head, 0 without genesis, the checkpoint's while its block is missing. */
  nextHeight(): number;
  /** The set in force for the block of this height; undefined above head + 1 and below what is kept. */
  validatorsAt(number: number): Promise<readonly Validator[] | undefined>;
  /** The engine's state after this block, encoded; undefined where it is not known. */
  stateAfter(number: number): Promise<Uint8Array | undefined>;
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

export interface InsertOptions {
  readonly source: BlockSource;
  readonly signal?: AbortSignal;
  /** Other peers gave the same votes: BLOCKCHAIN.SET_UNEXPLAINED is not thrown for those known so far. */
  readonly votesConfirmed?: boolean;
}

/**
 * The canonical chain, to write; only for `sync`, restore and the sealer. Several inserts may be under way: their blocks are
 * examined at the same time, and judged and stored in the order of the calls. An insert may continue one that is not done;
 * when that one fails, it fails with BLOCKCHAIN.CANCELLED.
 */
export interface ChainWriter {
  /**
   * Decodes, verifies and stores consecutive blocks. When one is bad, those before it are stored and the error names
   * it: BlockchainError with `number`. Undecodable bytes: BLOCKCHAIN.UNDECODABLE; decodable but not canonical:
   * BLOCKCHAIN.NOT_CANONICAL. Block 0 is compared with genesis (BLOCKCHAIN.GENESIS_MISMATCH), or becomes genesis where
   * the chain waits for one. Blocks that are stored already are skipped. Others at stored heights are a branch, which must
   * begin right above a stored block: on a chain whose blocks are final it is refused with
   * BLOCKCHAIN.FINALITY_CONFLICT, elsewhere it becomes the chain once it is heavier.
   */
  insert(rawBlocks: readonly Uint8Array[], options: InsertOptions): Promise<InsertResult>;

  /**
   * Takes back all above `number`, since a copy of a block that follows was altered on its way where no hash covers it.
   * @returns The removed blocks, newest first.
   */
  rewind(number: number): Promise<readonly BlockRef[]>;
}
