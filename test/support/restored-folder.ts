import { join } from 'node:path';
import { SystemClock } from '../../src/common/clock.js';
import { SilentLogger } from '../../src/common/logger.port.js';
import { NoMetrics } from '../../src/common/metrics.port.js';
import { openBlockStore } from '../../src/modules/blockchain/adapters/open-block-store.js';
import { createBlockchainMetrics } from '../../src/modules/blockchain/blockchain.metrics.js';
import { ChainService } from '../../src/modules/blockchain/chain/chain.service.js';
import { type BlockStore, createConsensus, parseGenesis } from '../../src/modules/blockchain/index.js';
import { InlineExaminer } from '../../src/modules/blockchain/verification/examiner.js';
import { type Network, readBackup } from './fixtures.js';
import { readGenesisText } from './genesis-texts.js';

/** Fills a data folder with a recorded chain, and closes it. */
export async function restoredFolder(
  folder: string,
  network: Network,
  change: (store: BlockStore) => Promise<unknown> = async () => {},
): Promise<void> {
  const config = parseGenesis(readGenesisText(network));
  const consensus = createConsensus(config);
  const path = join(folder, 'edgekeeper', 'blocks');
  const log = new SilentLogger();
  const maxBlockBytes = 4 * 1_024 * 1_024;
  const store = await openBlockStore({ kind: 'lmdb', path, log });
  const chain = await ChainService.open({
    ...{ store, consensus, config, path, maxBlockBytes, log },
    examiner: new InlineExaminer({ consensus, forks: config.forks, maxBlockBytes }),
    isStrict: false,
    finality: 'engine',
    anchor: undefined,
    clock: new SystemClock(),
    metrics: createBlockchainMetrics(new NoMetrics()),
  });
  await chain.insert(readBackup(network).blocks, { source: 'restore' });
  await change(store);
  await chain.close();
}
