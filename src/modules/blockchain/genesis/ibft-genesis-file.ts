import { toHex } from '../../../common/bytes.js';
import { type IbftValidator, initialIbftExtra } from '../consensus/ibft/extra.js';
import { toChecksumAddress } from '../crypto/address.js';
import { FORK_NAMES } from './chain-config.js';

const NS_PER_MS = 1_000_000;
/** @see polygon-edge@597a0f3 command/default.go DefaultGenesisGasUsed */
const GAS_USED = 458_752;
const ZERO_HASH = `0x${'0'.repeat(64)}`;
const ZERO_ADDRESS = `0x${'0'.repeat(40)}`;

export interface IbftGenesisOptions {
  readonly name: string;
  readonly chainId: number;
  /** At least one. All with a BLS public key, or none: that decides the chain's validator type. */
  readonly validators: readonly IbftValidator[];
  readonly bootnodes: readonly string[];
  readonly blockTimeMs: number;
  readonly epochSize: number;
  readonly gasLimit: bigint;
  /** Balances in wei. */
  readonly premine: readonly { readonly address: Uint8Array; readonly balance: bigint }[];
  /** Turns london on, from block 0. */
  readonly burn?: BurnOptions | undefined;
}

/** Who gets the base fee, and what it is at the beginning. */
export interface BurnOptions {
  readonly fromBlock: bigint;
  readonly contract: Uint8Array;
  /** Where the contract sends it; undefined: nowhere. */
  readonly destination: Uint8Array | undefined;
  /** Wei. */
  readonly baseFee: bigint;
  readonly elasticity: bigint;
  readonly changeDenominator: bigint;
}

/**
 * A genesis.json of an IBFT PoA chain as the Go client's `genesis` command writes it, key order included; all forks
 * from block 0, london only with `burn`.
 * @see polygon-edge@597a0f3 command/genesis/params.go initGenesisConfig
 */
export function ibftGenesisFile(options: IbftGenesisOptions): Record<string, unknown> {
  const type = options.validators.some(({ blsPublicKey }) => blsPublicKey !== undefined) ? 'bls' : 'ecdsa';
  const alloc = options.premine
    .map(({ address, balance }) => [toChecksumAddress(address), { balance: quantity(balance) }] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const { burn } = options;
  const forks = FORK_NAMES.filter((fork) => fork !== 'london' || burn !== undefined).sort();
  return {
    name: options.name,
    genesis: {
      nonce: '0x0000000000000000',
      timestamp: '0x0',
      extraData: toHex(initialIbftExtra(options.validators, type)),
      gasLimit: quantity(options.gasLimit),
      difficulty: '0x1',
      mixHash: ZERO_HASH,
      coinbase: ZERO_ADDRESS,
      alloc: Object.fromEntries(alloc),
      number: '0x0',
      gasUsed: quantity(GAS_USED),
      parentHash: ZERO_HASH,
      baseFee: quantity(burn?.baseFee ?? 0),
      baseFeeEM: quantity(burn?.elasticity ?? 0),
      baseFeeChangeDenom: quantity(burn?.changeDenominator ?? 0),
    },
    params: {
      forks: Object.fromEntries(forks.map((fork) => [fork, { block: 0 }])),
      chainID: options.chainId,
      engine: {
        ibft: {
          blockTime: Math.round(options.blockTimeMs * NS_PER_MS),
          epochSize: options.epochSize,
          type: 'PoA',
          validator_type: type,
        },
      },
      blockGasTarget: 0,
      burnContract:
        burn === undefined ? null : { [String(burn.fromBlock)]: toChecksumAddress(burn.contract) },
      burnContractDestinationAddress: burn?.destination ? toChecksumAddress(burn.destination) : ZERO_ADDRESS,
    },
    ...(options.bootnodes.length === 0 ? {} : { bootnodes: [...options.bootnodes] }),
  };
}

const quantity = (value: bigint | number) => `0x${value.toString(16)}`;
