import type { BlockchainErrorDetail } from '../blockchain.errors.js';
import type { Rule } from './rules.js';
import type { Header } from './types.js';

export const CONSENSUS = Symbol('CONSENSUS');

export interface HashedHeader {
  readonly header: Header;
  readonly hash: Uint8Array;
}

/**
 * What an engine knows after a block: the validator set and what changes it. Immutable; a block that changes nothing leaves
 * the same object.
 */
export interface EngineState {
  /** As stored; two states are equal when these bytes are. */
  readonly encoded: Uint8Array;
  /** The set in force for the next block, for operators. */
  readonly validators: readonly Validator[];
  /** The set that sealed this block. */
  readonly sealedBy: readonly Validator[];
  /** Sets taken on trust so far, as only execution could prove them. */
  readonly trustedSets: number;
}

export interface Validator {
  /** 20 bytes. */
  readonly address: Uint8Array;
  /** 48 bytes compressed G1 (IBFT) or 128 bytes G2 (PolyBFT). */
  readonly blsKey?: Uint8Array;
  /** PolyBFT only. */
  readonly votingPower?: bigint;
}

/** A rule that only we check and that a block breaks. */
export interface Anomaly {
  readonly rule: Rule;
  readonly reason: string;
}

/** Who sealed a block, as its header says; addresses are lower-case 0x hex. */
export interface BlockSeals {
  /** Undefined in blocks of old clients. */
  readonly round: bigint | undefined;
  readonly proposer: string;
  /** Empty where a bitmap refers to a set that is not known. */
  readonly committed: readonly string[];
  /** Of an aggregate, as it stands in the header. */
  readonly bitmap: Uint8Array | undefined;
  readonly hasParentSeals: boolean;
}

export interface Judgement {
  /** After the block. */
  readonly state: EngineState;
  readonly anomalies: readonly Anomaly[];
}

/**
 * What a chain's engine knows: its header hash and its own rules for headers. Verification is split in two. `examine` does
 * what costs (signatures) from the bytes alone, in any thread and for blocks ahead of the head; `judge` compares its
 * evidence with the state, in order, and is cheap.
 */
export interface Consensus {
  readonly engine: 'ibft' | 'polybft' | 'dev' | 'dummy';
  /** What a verified block means on this chain, for status. */
  readonly verification: string;
  /** Whether a block whose seals hold can never be replaced. */
  readonly isFinal: boolean;

  /** Loads what `examine` needs, once. */
  prepare(): Promise<void>;

  /** @throws {BlockchainError} BLOCKCHAIN.BAD_EXTRA when the extra data cannot be decoded */
  headerHash(header: Header): Uint8Array;

  /** The state after block 0. @throws {BlockchainError} BLOCKCHAIN.BAD_EXTRA */
  stateAfterGenesis(genesis: Header): EngineState;
  /** Whether the header of that height tells the state after it by itself. */
  tellsState(number: number): boolean;
  /**
   * The state after a later block that is known to be of the chain; undefined where its header does not tell.
   * @throws {BlockchainError} BLOCKCHAIN.BAD_EXTRA
   */
  stateAfterCheckpoint(header: Header): EngineState | undefined;
  /** @throws {RlpError} */
  decodeState(encoded: Uint8Array): EngineState;

  /**
   * The state after these headers, as far as it follows from headers that nobody has verified yet: what `examine` is given
   * for the blocks behind them.
   * @throws {BlockchainError} BLOCKCHAIN.BAD_EXTRA where one cannot be decoded, or what `headers` throws
   */
  foresee(state: EngineState, headers: () => readonly Header[]): EngineState;

  /**
   * The evidence of consecutive headers, for `judge`; plain data that survives a structured clone. Checks the rules that
   * need no state. Throws nothing: a block that breaks a rule has a refusal in place of evidence, and ends the answer.
   * @param parent Of the first header.
   * @param hint The state before the first header, encoded; verified or foreseen.
   */
  examine(headers: readonly HashedHeader[], parent: HashedHeader, hint: Uint8Array): readonly Examined[];

  /**
   * Compares evidence with the state.
   * @param state After the parent.
   * @param nowMs The clock's, for engines that refuse blocks from the future.
   * @throws {BlockchainError} BLOCKCHAIN.BAD_HEADER | BLOCKCHAIN.BAD_SEAL | BLOCKCHAIN.SET_UNEXPLAINED
   */
  judge(evidence: unknown, state: EngineState, nowMs: number): Judgement;

  /**
   * Who sealed a block that was verified before; undefined for genesis, and where the engine has no seals.
   * @param set That sealed it, where it is known.
   * @throws {BlockchainError} BLOCKCHAIN.BAD_EXTRA | BLOCKCHAIN.BAD_SEAL
   */
  seals(header: HashedHeader, set: readonly Validator[] | undefined): BlockSeals | undefined;

  /** The state once other peers gave the same votes: what they cannot explain is no longer a reason to refuse. */
  confirmVotes(state: EngineState): EngineState;
}

/** Evidence, or what refuses the block. */
export type Examined = { readonly evidence: unknown } | { readonly refusal: BlockchainErrorDetail };
