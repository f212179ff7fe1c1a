import type { Logger } from '../../../common/logger.port.js';
import type { BlockchainConfig } from '../blockchain.config.js';
import type { ChainConfig } from '../genesis/chain-config.js';
import type { Consensus } from '../ports/consensus.port.js';
import { type Examiner, InlineExaminer } from './examiner.js';
import { workerRules } from './packed-job.js';
import { WorkerExaminer } from './worker-examiner.js';

export interface CreateExaminerOptions {
  readonly config: Pick<BlockchainConfig, 'maxBlockBytes' | 'verifyThreads'>;
  readonly chain: ChainConfig;
  readonly consensus: Consensus;
  readonly log: Logger;
}

/** With threads where the configuration wants any. */
export function createExaminer({ config, chain, consensus, log }: CreateExaminerOptions): Examiner {
  const { maxBlockBytes, verifyThreads } = config;
  const inline = new InlineExaminer({ consensus, forks: chain.forks, maxBlockBytes });
  if (verifyThreads === 0) return inline;
  return new WorkerExaminer({
    inline,
    rules: workerRules(chain, maxBlockBytes),
    threads: verifyThreads,
    log,
  });
}
