/** Names of the forks a chain may have; any other name stops the node. @see polygon-edge@597a0f3 chain/params.go */
export const FORK_NAMES = [
  'homestead',
  'byzantium',
  'constantinople',
  'petersburg',
  'istanbul',
  'london',
  'EIP150',
  'EIP155',
  'EIP158',
  'quorumcalcalignment',
  'txHashWithType',
  'londonfix',
] as const;

export type ForkName = (typeof FORK_NAMES)[number];

/** From which block a fork holds. */
export class Forks {
  readonly blocks: ReadonlyMap<ForkName, number>;

  constructor(blocks: ReadonlyMap<ForkName, number>) {
    this.blocks = blocks;
  }

  /** A fork the file does not name is never active. */
  isActive(fork: ForkName, number: number): boolean {
    const from = this.blocks.get(fork);
    return from !== undefined && number >= from;
  }
}

export type IbftType = 'PoA' | 'PoS';
export type ValidatorType = 'ecdsa' | 'bls';

/** One entry of an IBFT chain's fork list, in the order of the file. */
export interface IbftFork {
  readonly type: IbftType;
  readonly validatorType: ValidatorType;
  /** First height. */
  readonly from: number;
  /** Last height; without it the entry has no end. */
  readonly to?: number;
  /** The set that this entry puts in force at `from`; PoA only. */
  readonly validators?: readonly IbftForkValidator[];
}

/** A validator as the fork list names it. */
export interface IbftForkValidator {
  /** 20 bytes. */
  readonly address: Uint8Array;
  /** 48 bytes, where validators have BLS keys. */
  readonly blsPublicKey?: Uint8Array;
}

export type EngineConfig =
  | {
      readonly name: 'ibft';
      readonly forks: readonly IbftFork[];
      readonly blockTimeMs: number;
      readonly epochSize: number;
      /** From this height on the quorum is ceil(2N/3). */
      readonly quorumSizeBlockNum: number;
    }
  | {
      readonly name: 'polybft';
      readonly blockTimeMs: number;
      readonly epochSize: number;
      readonly blockTimeDriftSeconds: number;
    }
  | { readonly name: 'dev'; readonly blockTimeMs: number }
  | { readonly name: 'dummy' };

/** What the file fixes of the genesis header, defaults applied. */
export interface GenesisFields {
  readonly number: number;
  /** 8 bytes. */
  readonly nonce: Uint8Array;
  /** Seconds since the epoch. */
  readonly timestamp: bigint;
  readonly parentHash: Uint8Array;
  readonly extraData: Uint8Array;
  readonly gasLimit: bigint;
  readonly gasUsed: bigint;
  readonly difficulty: bigint;
  readonly mixHash: Uint8Array;
  /** 20 bytes; the header's miner. */
  readonly coinbase: Uint8Array;
  readonly baseFee: bigint;
  /** By which the gas limit is divided to give the target; not part of the header. */
  readonly baseFeeEM: bigint;
  /** Largest change of the base fee, as a fraction; not part of the header. */
  readonly baseFeeChangeDenom: bigint;
  /** Ours, not of the Go client: the state root as a trusted source gave it, in place of one computed from `alloc`. */
  readonly stateRoot?: Uint8Array;
}

/** An account of the genesis state. */
export interface GenesisAccount {
  readonly balance: bigint;
  readonly nonce: bigint;
  readonly code: Uint8Array;
  /** 32-byte slots to 32-byte values, keys in lower-case hex without 0x. */
  readonly storage: ReadonlyMap<string, Uint8Array>;
}

/** Addresses in lower-case hex without 0x. */
export type GenesisAlloc = ReadonlyMap<string, GenesisAccount>;

/** genesis.json, checked and typed. */
export interface ChainConfig {
  readonly name: string;
  readonly chainId: number;
  readonly bootnodes: readonly string[];
  readonly forks: Forks;
  readonly engine: EngineConfig;
  readonly genesis: GenesisFields;
  /** The state at genesis, with what the address lists of `params` add. */
  readonly alloc: GenesisAlloc;
}

/**
 * The entry in force at a height: the last one that covers it.
 * @see polygon-edge@597a0f3 consensus/ibft/fork/fork.go getFork
 */
export function ibftForkAt(forks: readonly IbftFork[], number: number): IbftFork | undefined {
  return forks.findLast(({ from, to }) => from <= number && (to === undefined || number <= to));
}
