import type * as z from 'zod';
import { errorText } from '../../../common/app-error.js';
import { BlockchainError } from '../blockchain.errors.js';
import { genesisAlloc } from './address-lists.js';
import { type ChainConfig, Forks } from './chain-config.js';
import { type GenesisFile, genesisFields, genesisFileSchema } from './genesis.schema.js';
import { type BootnodeCheck, combinedFaults } from './genesis-checks.js';

const DEFAULT_MAX_BYTES = 32 * 1_024 * 1_024;
const MAX_FAULTS = 50;

export interface ParseGenesisOptions {
  readonly maxBytes?: number;
  /** Without it bootnodes are any text. */
  readonly checkBootnode?: BootnodeCheck;
}

/**
 * Checks and types a genesis.json.
 * @throws {BlockchainError} BLOCKCHAIN.GENESIS_INVALID with every fault, each as `path: what is wrong`
 * @remarks Differs: faults that the Go client meets later (unknown engine or fork, extra data that cannot be decoded,
 * a gap in an IBFT fork list, a base fee that divides by zero, a bad bootnode) are found here; chain IDs above 2^53-1 and below 0 are refused.
 */
export function parseGenesis(text: string, options: ParseGenesisOptions = {}): ChainConfig {
  const { maxBytes = DEFAULT_MAX_BYTES, checkBootnode = () => undefined } = options;
  if (new TextEncoder().encode(text).length > maxBytes) throw invalid([`larger than ${maxBytes} bytes`]);
  const json = parseJson(text);
  const { data: file, error } = genesisFileSchema.safeParse(json);
  const faults = [...(error?.issues ?? []).map(faultOf), ...combinedFaults(json, file, checkBootnode)];
  if (file === undefined || faults.length > 0) throw invalid(faults);
  return configOf(file);
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
    alloc: genesisAlloc(file),
  };
}

function faultOf({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}

function invalid(faults: string[], cause?: unknown): BlockchainError {
  const shown = faults.slice(0, MAX_FAULTS);
  if (faults.length > MAX_FAULTS) shown.push(`and ${faults.length - MAX_FAULTS} more`);
  return new BlockchainError({ code: 'BLOCKCHAIN.GENESIS_INVALID', faults: shown }, cause);
}
