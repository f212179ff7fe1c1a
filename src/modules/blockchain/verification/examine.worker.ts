import '../../../polyfill.js';
import { workerData } from 'node:worker_threads';
import { createConsensus } from '../consensus/create-consensus.js';
import { type ExaminedChunk, examineChunk } from './examine-chunk.js';
import { type PackedJob, rulesConfig, unpackJob, type WorkerRules } from './packed-job.js';

const { maxBlockBytes, ...rules } = workerData as WorkerRules;
const config = rulesConfig(rules);
const consensus = createConsensus(config);
await consensus.prepare();

/** What a thread of the pool does with a job. */
export default function examine(job: PackedJob): ExaminedChunk {
  return examineChunk(unpackJob(job), { consensus, forks: config.forks, maxBlockBytes });
}
