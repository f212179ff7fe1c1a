import { SilentLogger } from '../../src/common/logger.port.js';
import { NoMetrics } from '../../src/common/metrics.port.js';
import { InMemoryBlockStore } from '../../src/modules/blockchain/adapters/memory/in-memory-block-store.adapter.js';
import { createBlockchainMetrics } from '../../src/modules/blockchain/blockchain.metrics.js';
import { ChainService } from '../../src/modules/blockchain/chain/chain.service.js';
import { createConsensus } from '../../src/modules/blockchain/consensus/create-consensus.js';
import type { ChainConfig } from '../../src/modules/blockchain/genesis/chain-config.js';
import { parseGenesis } from '../../src/modules/blockchain/genesis/parse-genesis.js';
import { InlineExaminer } from '../../src/modules/blockchain/verification/examiner.js';
import { type Network, readBackup } from './fixtures.js';
import { readGenesisText } from './genesis-texts.js';
import { ManualClock } from './manual-clock.js';

export interface ProvableChain {
  /** Of the genesis.json. */
  readonly text: string;
  readonly config: ChainConfig;
  readonly chain: ChainService;
  readonly blocks: readonly Uint8Array[];
}

const MAX_BLOCK_BYTES = 1_000_000;
/** After every recorded block. */
const NOW_MS = 2_000_000_000_000;

/** A chain that has verified and stored these blocks; block 0 may be the genesis file's. */
async function provableChain(text: string, blocks: readonly Uint8Array[]): Promise<ProvableChain> {
  const config = parseGenesis(text);
  const consensus = createConsensus(config);
  const chain = await ChainService.open({
    store: new InMemoryBlockStore(),
    consensus,
    examiner: new InlineExaminer({ consensus, forks: config.forks, maxBlockBytes: MAX_BLOCK_BYTES }),
    config,
    maxBlockBytes: MAX_BLOCK_BYTES,
    isStrict: false,
    finality: 'engine',
    anchor: undefined,
    path: 'memory',
    clock: new ManualClock(NOW_MS),
    metrics: createBlockchainMetrics(new NoMetrics()),
    log: new SilentLogger(),
  });
  await chain.insert(blocks, { source: 'restore' });
  return { text, config, chain, blocks };
}

/** A network recorded from the Go client, whole. */
export function recordedProvable(network: Network): Promise<ProvableChain> {
  return provableChain(readGenesisText(network), readBackup(network).blocks);
}
