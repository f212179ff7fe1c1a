/** Who signed an aggregate, as far as the bytes tell. Plain data: it crosses threads. */
export interface AggregateEvidence {
  /** Positions in the set, lowest first. */
  readonly signers: readonly number[];
  /** Whether the aggregate holds for the keys at these positions of the set with `setHash`. */
  holds: boolean;
  readonly setHash: string;
}

/** What a PolyBFT header proves by itself; hashes are 0x hex. */
export interface PolybftEvidence {
  readonly number: number;
  readonly committed: AggregateEvidence;
  /** Undefined for block 1. */
  readonly parent: AggregateEvidence | undefined;
  readonly currentValidatorsHash: string;
  readonly nextValidatorsHash: string;
  /** RLP item of the change of the set, where there is one. */
  readonly delta: Uint8Array | undefined;
  readonly epochNumber: bigint;
  readonly parentEpochNumber: bigint;
  /** Whether the parent changed the set. */
  readonly followsChange: boolean;
  /** 0x hex. */
  readonly miner: string;
  readonly timestamp: bigint;
  readonly hasExpectedBaseFee: boolean;
}
