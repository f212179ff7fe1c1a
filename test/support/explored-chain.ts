import { InMemoryBlockStore } from '../../src/modules/blockchain/adapters/memory/in-memory-block-store.adapter.js';
import { ChainExplorerService } from '../../src/modules/blockchain/chain/chain-explorer.service.js';
import { createConsensus } from '../../src/modules/blockchain/consensus/create-consensus.js';
import { parseGenesis } from '../../src/modules/blockchain/genesis/parse-genesis.js';
import { ChainController } from '../../src/modules/system/chain.controller.js';
import { type Network, readBackup } from './fixtures.js';
import { readGenesisText } from './genesis-texts.js';
import { openChain } from './open-chain.js';

/** A recorded network, whole, behind the service that operators read it by. */
export async function anExploredChain(network: Network) {
  const genesis = readGenesisText(network);
  const config = parseGenesis(genesis);
  const store = new InMemoryBlockStore();
  const consensus = createConsensus(config);
  const chain = await openChain(config, { store, consensus });
  const { blocks } = readBackup(network);
  await chain.insert(blocks, { source: 'restore' });
  const explorer = new ChainExplorerService(chain, store, consensus, config);
  return { genesis, blocks, chain, store, sut: new ChainController(chain, explorer) };
}

export type ExploredChain = Awaited<ReturnType<typeof anExploredChain>>;
