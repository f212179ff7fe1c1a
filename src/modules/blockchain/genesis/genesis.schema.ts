import * as z from 'zod';
import { bigEndian, toHex } from '../../../common/bytes.js';
import { FORK_NAMES, type ForkName, type GenesisAccount, type GenesisFields } from './chain-config.js';
import { engineSchema } from './engine.schema.js';
import {
  address,
  hash,
  hexBytes,
  paddedHex,
  safeNumber,
  struct,
  uint64String,
  uint256String,
} from './go-values.js';

/** @see polygon-edge@597a0f3 chain/chain.go GenesisGasLimit, GenesisDifficulty */
const DEFAULT_GAS_LIMIT = 4_712_388n;
const DEFAULT_DIFFICULTY = 131_072n;
const ADDRESS_BYTES = 20;
const HASH_BYTES = 32;
const NONCE_BYTES = 8;
const MAX_SHOWN_NAME = 64;

/** A map whose keys are hex, given back with keys of `size` bytes in lower case without 0x. */
function hexKeyed<V extends z.ZodType>(value: V, size: number) {
  return z.record(z.string(), value).transform((record, context): Map<string, z.output<V>> => {
    const entries = new Map<string, z.output<V>>();
    for (const [text, entry] of Object.entries(record)) {
      const key = paddedHex(text, size);
      const digits = key && toHex(key).slice(2);
      if (digits === undefined) context.addIssue(`expected keys of at most ${size} bytes in hex`);
      else if (entries.has(digits)) context.addIssue(`key 0x${digits} stands twice`);
      else entries.set(digits, entry);
    }
    return entries;
  });
}

/** Undefined for an entry that holds nothing, not even a balance of 0: Go creates no account for it. */
const account = struct({
  balance: uint256String.optional(),
  nonce: uint64String.default(0n),
  code: hexBytes.prefault(''),
  storage: hexKeyed(hash, HASH_BYTES).prefault({}),
}).transform(({ balance, ...rest }): GenesisAccount | undefined => {
  const isAbsent =
    balance === undefined && rest.nonce === 0n && rest.code.length === 0 && rest.storage.size === 0;
  return isAbsent ? undefined : { balance: balance ?? 0n, ...rest };
});

/** Fields of `genesis`. */
export const genesisShape = {
  nonce: uint64String.default(0n),
  timestamp: uint64String.default(0n),
  extraData: hexBytes.prefault(''),
  gasLimit: uint64String,
  difficulty: uint64String.default(0n),
  mixHash: hash.prefault(''),
  coinbase: address.prefault('0'.repeat(ADDRESS_BYTES * 2)),
  alloc: hexKeyed(account, ADDRESS_BYTES).prefault({}),
  number: uint64String.default(0n).refine((value) => value === 0n, 'expected 0'),
  gasUsed: uint64String.default(0n),
  parentHash: hash.prefault(''),
  baseFee: uint64String.default(0n),
  baseFeeEM: uint64String.default(0n),
  baseFeeChangeDenom: uint64String.default(0n),
  stateRoot: hash.optional(),
};

const fork = struct({ block: safeNumber.default(0) });

const forks = z.record(z.string(), fork).transform((record, context) => {
  const blocks = new Map<ForkName, number>();
  for (const [name, { block }] of Object.entries(record)) {
    const known = FORK_NAMES.find((fork) => fork === name);
    if (known !== undefined) blocks.set(known, block);
    else context.addIssue(`fork is not available: ${name.slice(0, MAX_SHOWN_NAME)}`);
  }
  return blocks;
});

const addressList = struct({
  adminAddresses: z.array(address).default([]),
  enabledAddresses: z.array(address).default([]),
});

export type AddressList = z.output<typeof addressList>;

/** Fields of `params` that add to the genesis state. */
export const addressListsShape = {
  contractDeployerAllowList: addressList.optional(),
  contractDeployerBlockList: addressList.optional(),
  transactionsAllowList: addressList.optional(),
  transactionsBlockList: addressList.optional(),
  bridgeAllowList: addressList.optional(),
  bridgeBlockList: addressList.optional(),
};

/** Fields of `params`. @see polygon-edge@597a0f3 chain/params.go Params */
export const paramsShape = { forks, chainID: safeNumber, engine: engineSchema, ...addressListsShape };

export const bootnodesSchema = z.array(z.string()).default([]);

/** genesis.json, field by field. What it does not name is ignored, as Go does. @see polygon-edge@597a0f3 chain/chain.go Chain */
export const genesisFileSchema = struct({
  name: z.string().default(''),
  genesis: struct(genesisShape),
  params: struct(paramsShape),
  bootnodes: bootnodesSchema,
});

export type GenesisFile = z.output<typeof genesisFileSchema>;
export type AddressLists = Pick<GenesisFile['params'], keyof typeof addressListsShape>;

/** The header's share of the file, with Go's defaults. @see polygon-edge@597a0f3 chain/chain.go GenesisHeader */
export function genesisFields(file: GenesisFile['genesis']): GenesisFields {
  return {
    number: 0,
    nonce: bigEndian(file.nonce, NONCE_BYTES),
    timestamp: file.timestamp,
    parentHash: file.parentHash,
    extraData: file.extraData,
    gasLimit: file.gasLimit || DEFAULT_GAS_LIMIT,
    gasUsed: file.gasUsed,
    difficulty: file.difficulty || DEFAULT_DIFFICULTY,
    mixHash: file.mixHash,
    coinbase: file.coinbase,
    baseFee: file.baseFee,
    baseFeeEM: file.baseFeeEM,
    baseFeeChangeDenom: file.baseFeeChangeDenom,
    ...(file.stateRoot === undefined ? {} : { stateRoot: file.stateRoot }),
  };
}
