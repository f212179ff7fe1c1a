import { fromHex } from '../../../common/bytes.js';
import { keccak256 } from '../crypto/keccak.js';
import type { GenesisAccount, GenesisAlloc } from '../genesis/chain-config.js';
import { encodeBytes, encodeList, encodeUint } from '../rlp/rlp.js';
import { secureTrieRoot } from './trie.js';

/**
 * Root of the state that holds exactly these accounts; empty ones are kept, as Go does at genesis.
 * @see polygon-edge@597a0f3 state/executor.go WriteGenesis
 */
export function stateRoot(alloc: GenesisAlloc): Uint8Array {
  return secureTrieRoot(Array.from(alloc, ([address, account]) => [keyOf(address), encodeAccount(account)]));
}

function encodeAccount({ nonce, balance, storage, code }: GenesisAccount): Uint8Array {
  return encodeList([
    encodeUint(nonce),
    encodeUint(balance),
    encodeBytes(storageRoot(storage)),
    encodeBytes(keccak256(code)),
  ]);
}

/** A slot that holds zero is not in the trie. */
function storageRoot(storage: GenesisAccount['storage']): Uint8Array {
  const entries: [Uint8Array, Uint8Array][] = [];
  for (const [slot, value] of storage) {
    const firstByte = value.findIndex((byte) => byte !== 0);
    if (firstByte >= 0) entries.push([keyOf(slot), encodeBytes(value.subarray(firstByte))]);
  }
  return secureTrieRoot(entries);
}

function keyOf(digits: string): Uint8Array {
  return fromHex(digits) ?? new Uint8Array();
}
