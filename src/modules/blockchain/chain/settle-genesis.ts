import { bytesEqual, toHex } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { genesisBlock } from '../codec/block.codec.js';
import { genesisHeader } from '../genesis/genesis-header.js';
import type { BlockStore } from '../ports/block-store.port.js';
import type { GenesisTrust } from '../ports/chain.port.js';
import type { VerifiedBlock } from '../ports/types.js';
import { type GenesisRules, verifyGenesis } from './genesis-check.js';

export interface GenesisState {
  readonly trust: GenesisTrust;
  /** Undefined while the chain waits for a peer's block 0. */
  readonly hash: Uint8Array | undefined;
}

export interface SettleGenesisOptions extends GenesisRules {
  readonly store: BlockStore;
  /** Where the store is, for errors. */
  readonly path: string;
}

/**
 * Makes block 0 of the store that of the genesis file, or sees that it is. That a block 0 came from a peer needs no note:
 * it did where the file alone does not give one.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_OTHER_CHAIN | BLOCKCHAIN.GENESIS_MISMATCH | what the store throws
 */
export async function settleGenesis(options: SettleGenesisOptions): Promise<GenesisState> {
  const { toStore, ...state } = await checkGenesis(options);
  if (toStore !== undefined) await options.store.append([toStore]);
  return state;
}

/**
 * Sees that block 0 of the store is that of the genesis file, and changes nothing; `toStore` is the block that is missing.
 * @throws {BlockchainError} as `settleGenesis`
 */
export async function checkGenesis(
  options: SettleGenesisOptions,
): Promise<GenesisState & { readonly toStore?: VerifiedBlock }> {
  const { store, config, path } = options;
  const known = genesisHeader(config);
  if (known === undefined) {
    const stored = await store.rawBlock(0);
    if (stored === undefined) return { trust: 'missing', hash: undefined };
    return { trust: 'peer', hash: verifyGenesis(stored, options).block.hash };
  }
  const { block } = verifyGenesis(genesisBlock(known.header), options);
  const state = { trust: known.trust, hash: block.hash };
  const storedHash = await store.hashByNumber(0);
  if (storedHash === undefined) return { ...state, toStore: block };
  if (bytesEqual(storedHash, block.hash)) return state;
  const [theirs, ours] = [toHex(storedHash), toHex(block.hash)];
  throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_OTHER_CHAIN', path, theirs, ours });
}
