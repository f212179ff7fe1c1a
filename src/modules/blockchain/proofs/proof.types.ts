// What users of `edgekeeper/verifier` see, and docs/proofs.md explains. It imports nothing: the package's types are made of it.

/** Evidence that a header is of a chain. JSON; bytes are 0x hex. */
export interface HeaderProof {
  readonly version: 1;
  readonly chainId: number;
  /**
   * RLP of consecutive headers, in one part or more. The first part begins with the block that the proof starts from, every
   * other with the parent of its second header. The last header is what is proved. Between two parts are blocks that are
   * said to leave the validator set and its votes as they are.
   */
  readonly segments: readonly (readonly string[])[];
}

/** Evidence that a transaction is of a chain. JSON; bytes are 0x hex. */
export interface TransactionProof {
  readonly version: 1;
  /** Of the block, or that block's hash when its header was verified before. */
  readonly header: HeaderProof | string;
  /** Position in the block, from 0. */
  readonly index: number;
  /** The nodes of the transactions' trie from the root to the transaction. */
  readonly nodes: readonly string[];
}

/** A block that the user of a verifier vouches for. */
export interface VerifierCheckpoint {
  readonly number: number;
  /** 0x hex. */
  readonly hash: string;
  /** What the engine knows after the block, 0x hex, as in a checkpoint file; without it the header must tell. */
  readonly state?: string;
}

export interface VerifierOptions {
  /** Text of the chain's genesis.json; trusted. */
  readonly genesis: string;
  /** The block that proofs start from; without it they start from genesis. Trusted. */
  readonly checkpoint?: VerifierCheckpoint;
  /** Refuse headers that break a rule which the Go client does not check. */
  readonly strict?: boolean;
  /** Take PoS proofs that go over changes of the validator set, which prove no more than that somebody claims them. */
  readonly acceptTrustedSets?: boolean;
  /** The most headers that a proof may have; 4,096 without it. */
  readonly maxHeaders?: number;
}

/** What a proof can be refused with, besides bugs. Codes are listed in docs/errors.md, and `detail` with them. */
export interface ProofFailure extends Error {
  readonly code: string;
  readonly detail: { readonly code: string; readonly number?: number };
}

export interface Verifier {
  /** @throws {ProofFailure} */
  verifyHeaderProof(proof: unknown): VerifiedHeader;
  /**
   * @param header What `verifyHeaderProof` gave for the block, where the proof names it by its hash.
   * @throws {ProofFailure}
   */
  verifyTransactionProof(proof: unknown, header?: VerifiedHeader): VerifiedTransaction;
}

export interface ProvedValidator {
  /** 0x hex. */
  readonly address: string;
  /** 0x hex, where validators have one. */
  readonly blsKey?: string;
  /** PolyBFT only. */
  readonly votingPower?: bigint;
}

/** The fields that seals cover; bytes are 0x hex. */
export interface ProvedFields {
  readonly parentHash: string;
  readonly miner: string;
  readonly stateRoot: string;
  readonly txRoot: string;
  readonly receiptsRoot: string;
  readonly logsBloom: string;
  readonly difficulty: bigint;
  readonly gasLimit: bigint;
  readonly gasUsed: bigint;
  /** Seconds since the epoch. */
  readonly timestamp: bigint;
}

/** A rule that only we check and that a header of the proof breaks (docs/verification.md). */
export interface ProvedAnomaly {
  readonly number: number;
  readonly rule: string;
  readonly reason: string;
}

export interface VerifiedHeader {
  readonly chainId: number;
  readonly number: number;
  /** 0x hex. */
  readonly hash: string;
  readonly fields: ProvedFields;
  /** The set whose quorum sealed the header. */
  readonly validators: readonly ProvedValidator[];
  /** Sets since the start of the proof that are no more than claimed; 0 unless `acceptTrustedSets`. */
  readonly trustedSets: number;
  readonly anomalies: readonly ProvedAnomaly[];
  /** `full` = every header since the start, `skipping` = those that change the set, `anchor` = the start itself. */
  readonly kind: 'full' | 'skipping' | 'anchor';
  /** In one sentence. */
  readonly proved: string;
}

/** That a transaction is in the block; not that it succeeded. Bytes are 0x hex. */
export interface VerifiedTransaction {
  readonly header: VerifiedHeader;
  readonly index: number;
  readonly hash: string;
  /** 0x00 legacy, 0x02 dynamic fee, 0x7f state. */
  readonly type: number;
  /** The bytes that the block's root covers and the hash is of. */
  readonly raw: string;
  /** Who signed it; undefined when nobody did. */
  readonly from: string | undefined;
  /** Undefined when it creates a contract. */
  readonly to: string | undefined;
  readonly nonce: bigint;
  /** Wei. */
  readonly value: bigint;
  readonly gas: bigint;
  readonly input: string;
}
