import type { z } from 'zod';
import { errorText } from '../../../common/app-error.js';
import { BlockchainError } from '../blockchain.errors.js';
import { createConsensus } from '../consensus/create-consensus.js';
import { withAddressLists } from './address-lists.js';
import { type ChainConfig, Forks, type GenesisAccount, type GenesisAlloc } from './chain-config.js';
import { type GenesisFile, genesisFields, genesisFileSchema } from './genesis.schema.js';
import { headerWithStateRoot } from './genesis-header.js';

const DEFAULT_MAX_BYTES = 32 * 1_024 * 1_024;
const MAX_FAULTS = 50;

/**
 * Checks and types a genesis.json.
 * @throws {BlockchainError} BLOCKCHAIN.GENESIS_INVALID with every fault, each as `path: what is wrong`
 * @remarks Differs: faults that the Go client meets later (unknown engine or fork, extra data that cannot be decoded,
 * a base fee that divides by zero) are found here; chain IDs above 2^53-1 and below 0 are refused.
 */
export function parseGenesis(text: string, options: { maxBytes?: number } = {}): ChainConfig {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  if (Buffer.byteLength(text) > maxBytes) throw invalid([`larger than ${maxBytes} bytes`]);
  const result = genesisFileSchema.safeParse(parseJson(text));
  if (!result.success) throw invalid(result.error.issues.map(faultOf));
  const config = configOf(result.data);
  checkExtraData(config);
  return config;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid([`not JSON: ${errorText(cause)}`], cause);
  }
}

function configOf(file: GenesisFile): ChainConfig {
  return {
    name: file.name,
    chainId: file.params.chainID,
    bootnodes: file.bootnodes,
    forks: new Forks(file.params.forks),
    engine: file.params.engine,
    genesis: genesisFields(file.genesis),
    alloc: withAddressLists(existing(file.genesis.alloc), file.params),
  };
}

function existing(alloc: ReadonlyMap<string, GenesisAccount | undefined>): GenesisAlloc {
  return new Map(
    [...alloc].flatMap(([address, account]) => (account === undefined ? [] : [[address, account]])),
  );
}

/** The engine must be able to hash the header, whatever its state root is. */
function checkExtraData(config: ChainConfig): void {
  try {
    createConsensus(config).headerHash(headerWithStateRoot(config, new Uint8Array(32)));
  } catch (cause) {
    if (!(cause instanceof BlockchainError && cause.detail.code === 'BLOCKCHAIN.BAD_EXTRA')) throw cause;
    throw invalid([`genesis.extraData: ${cause.detail.reason}`], cause);
  }
}

function faultOf({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}

function invalid(faults: string[], cause?: unknown): BlockchainError {
  const shown = faults.slice(0, MAX_FAULTS);
  if (faults.length > MAX_FAULTS) shown.push(`and ${faults.length - MAX_FAULTS} more`);
  return new BlockchainError({ code: 'BLOCKCHAIN.GENESIS_INVALID', faults: shown }, cause);
}
