import { bytesEqual, toHex } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { genesisBlock } from '../codec/block.codec.js';
import type { ChainConfig } from '../genesis/chain-config.js';
import { genesisHeader } from '../genesis/genesis-header.js';
import type { BlockStore } from '../ports/block-store.port.js';
import type { GenesisTrust } from '../ports/chain.port.js';
import type { BlockVerifier } from './block-verifier.js';

export interface GenesisState {
  readonly trust: GenesisTrust;
  /** Undefined while the chain waits for a peer's block 0. */
  readonly hash: Uint8Array | undefined;
}

export interface SettleGenesisOptions {
  readonly store: BlockStore;
  readonly config: ChainConfig;
  readonly verifier: BlockVerifier;
  /** Where the store is, for errors. */
  readonly path: string;
}

/**
 * Makes block 0 of the store that of the genesis file, or sees that it is. That a block 0 came from a peer needs no note:
 * it did where the file alone does not give one.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_OTHER_CHAIN | BLOCKCHAIN.GENESIS_MISMATCH | what the store throws
 */
export async function settleGenesis({
  store,
  config,
  verifier,
  path,
}: SettleGenesisOptions): Promise<GenesisState> {
  const known = genesisHeader(config);
  if (known === undefined) {
    const stored = await store.rawBlock(0);
    if (stored === undefined) return { trust: 'missing', hash: undefined };
    const genesis = verifier.verifyGenesis(verifier.decode(stored, 0));
    return { trust: 'peer', hash: genesis.hash };
  }
  const genesis = verifier.verifyGenesis(verifier.decode(genesisBlock(known.header), 0));
  const { hash } = genesis;
  const storedHash = await store.hashByNumber(0);
  if (storedHash === undefined) await store.append([genesis]);
  else if (!bytesEqual(storedHash, hash)) {
    const [theirs, ours] = [toHex(storedHash), toHex(hash)];
    throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_OTHER_CHAIN', path, theirs, ours });
  }
  return { trust: known.trust, hash };
}
