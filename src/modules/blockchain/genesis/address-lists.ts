import { toHex } from '../../../common/bytes.js';
import type { GenesisAccount, GenesisAlloc } from './chain-config.js';
import type { AddressList, AddressLists, GenesisFile } from './genesis.schema.js';

const HASH_BYTES = 32;
const ENABLED = 1;
const ADMIN = 2;

/**
 * Contracts that hold the lists, in the order Go writes them.
 * @see polygon-edge@597a0f3 contracts/system_addresses.go, server/server.go NewServer
 */
const LIST_CONTRACTS = [
  ['contractDeployerAllowList', '0200000000000000000000000000000000000000'],
  ['contractDeployerBlockList', '0300000000000000000000000000000000000000'],
  ['transactionsAllowList', '0200000000000000000000000000000000000002'],
  ['transactionsBlockList', '0300000000000000000000000000000000000002'],
  ['bridgeAllowList', '0200000000000000000000000000000000000004'],
  ['bridgeBlockList', '0300000000000000000000000000000000000004'],
] as const;

/** The accounts that the file names as holding something, and those that its address lists add. */
export function genesisAlloc(file: {
  readonly genesis: Pick<GenesisFile['genesis'], 'alloc'>;
  readonly params: AddressLists;
}): GenesisAlloc {
  const existing = [...file.genesis.alloc].flatMap(([address, account]) =>
    account === undefined ? [] : [[address, account] as const],
  );
  return withAddressLists(new Map(existing), file.params);
}

/**
 * The genesis state with the address lists written into it: a listed address is a slot, its role the value.
 * A list without addresses adds nothing.
 * @see polygon-edge@597a0f3 state/runtime/addresslist/genesis.go ApplyGenesisAllocs
 */
function withAddressLists(alloc: GenesisAlloc, params: AddressLists): GenesisAlloc {
  const state = new Map(alloc);
  for (const [name, contract] of LIST_CONTRACTS) {
    const roles = rolesOf(params[name]);
    if (roles.size > 0) state.set(contract, withRoles(state.get(contract), roles));
  }
  return state;
}

/** An admin who is also listed as enabled is an admin. */
function rolesOf(list: AddressList | undefined): Map<string, Uint8Array> {
  const roles = new Map<string, Uint8Array>();
  for (const enabled of list?.enabledAddresses ?? []) roles.set(slotOf(enabled), wordOf(ENABLED));
  for (const admin of list?.adminAddresses ?? []) roles.set(slotOf(admin), wordOf(ADMIN));
  return roles;
}

/** The balance keeps the EVM from taking the contract for an empty account. */
function withRoles(
  account: GenesisAccount | undefined,
  roles: ReadonlyMap<string, Uint8Array>,
): GenesisAccount {
  return {
    nonce: account?.nonce ?? 0n,
    code: account?.code ?? new Uint8Array(),
    balance: 1n,
    storage: new Map([...(account?.storage ?? []), ...roles]),
  };
}

function slotOf(address: Uint8Array): string {
  return toHex(address)
    .slice(2)
    .padStart(HASH_BYTES * 2, '0');
}

function wordOf(value: number): Uint8Array {
  const word = new Uint8Array(HASH_BYTES);
  word[HASH_BYTES - 1] = value;
  return word;
}
