import type { Validator } from './consensus.port.js';
import type { BlockRef } from './types.js';

export const VOTING = Symbol('VOTING');

/** Whom to vote on, and which way. */
export interface CandidateVote {
  readonly validator: Validator;
  /** To add; otherwise to drop. */
  readonly authorize: boolean;
}

/** A vote that counts until the epoch ends or its candidate is decided on. */
export interface CastVote extends CandidateVote {
  /** Address of the validator that cast it. */
  readonly voter: Uint8Array;
}

/** The validators at a block of an IBFT chain. */
export interface ValidatorSnapshot extends BlockRef {
  /** The set that sealed the block: at the one that completes a vote it is the old one still, as in the Go client. */
  readonly validators: readonly Validator[];
  /** The votes that count after it. */
  readonly votes: readonly CastVote[];
}

/**
 * Votes on the set of a PoA chain, cast by this node's validators in blocks that they propose. What is proposed is kept
 * in memory until it is decided.
 */
export interface Voting {
  /** Address of this node's validator. @throws {BlockchainError} BLOCKCHAIN.VOTE_REFUSED when it has no key */
  validator(): Uint8Array;

  /** What this node's validators still vote for, oldest first. @throws {BlockchainError} BLOCKCHAIN.VOTE_REFUSED where nobody votes */
  candidates(): readonly CandidateVote[];

  /**
   * Has each of this node's validators vote when it is its turn to propose.
   * @throws {BlockchainError} BLOCKCHAIN.VOTE_REFUSED with why
   */
  propose(vote: CandidateVote): Promise<void>;

  /** At a height, or at the head. @throws {BlockchainError} BLOCKCHAIN.VOTE_REFUSED | BLOCKCHAIN.HEADER_NOT_FOUND */
  snapshot(number?: number): Promise<ValidatorSnapshot>;
}
