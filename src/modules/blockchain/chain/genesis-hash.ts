import { createConsensus } from '../consensus/create-consensus.js';
import type { ChainConfig } from '../genesis/chain-config.js';
import { genesisHeader } from '../genesis/genesis-header.js';

/** The hash of block 0; undefined where only execution could tell it (PolyBFT without `genesis.stateRoot`). */
export async function genesisHash(chain: ChainConfig): Promise<Uint8Array | undefined> {
  const genesis = genesisHeader(chain);
  if (genesis === undefined) return undefined;
  const consensus = createConsensus(chain);
  await consensus.prepare();
  return consensus.headerHash(genesis.header);
}
