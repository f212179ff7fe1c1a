import { Piscina } from 'piscina';
import { errorFields } from '../../../common/app-error.js';
import type { Logger } from '../../../common/logger.port.js';
import { BlockchainError } from '../blockchain.errors.js';
import type { ExaminedChunk, ExamineJob } from './examine-chunk.js';
import type { Examiner } from './examiner.js';
import { type PackedJob, packJob, type WorkerRules } from './packed-job.js';

/** Smaller chunks are examined inline: a thread would cost more than it saves. */
const MIN_BLOCKS = 16;
/** A thread that had nothing to do for that long ends: at the head none is needed. */
const IDLE_MS = 10_000;

const BUILT_WORKER = new URL('./examine.worker.js', import.meta.url);

/** What a thread leaves behind is short-lived; the default would let it grow by some 40 MB before it is collected. */
const YOUNG_GENERATION_MB = 4;

export interface WorkerExaminerOptions {
  /** For small chunks, and when a thread fails. */
  readonly inline: Examiner;
  readonly rules: WorkerRules;
  /** At least 1. */
  readonly threads: number;
  /** What a thread runs; the built worker unless given. */
  readonly program?: { readonly url: URL; readonly execArgv: readonly string[] };
  readonly log: Logger;
}

/** Examines in threads, which start when there is much to do and end when there is not. */
export class WorkerExaminer implements Examiner {
  private readonly options: WorkerExaminerOptions;
  private pool: Piscina | undefined;
  /** Of each job that waits for a thread or has one. */
  private readonly running = new Set<AbortController>();
  private isClosed = false;
  private isBroken = false;

  constructor(options: WorkerExaminerOptions) {
    this.options = options;
  }

  async examine(job: ExamineJob): Promise<ExaminedChunk> {
    const { inline, log } = this.options;
    if (job.blocks.length < MIN_BLOCKS || this.isClosed || this.isBroken) return inline.examine(job);
    try {
      return await this.examineInThread(packJob(job));
    } catch (cause) {
      if (this.isClosed) throw new BlockchainError({ code: 'BLOCKCHAIN.CANCELLED' }, cause);
      log.warn('a verification thread failed, its blocks are examined without', errorFields(cause));
      return inline.examine(job);
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.pool?.destroy();
  }

  private async examineInThread(job: PackedJob): Promise<ExaminedChunk> {
    this.pool ??= this.openPool();
    const stop = new AbortController();
    this.running.add(stop);
    try {
      const { signal } = stop;
      return (await this.pool.run(job, { transferList: [job.bytes.buffer], signal })) as ExaminedChunk;
    } finally {
      this.running.delete(stop);
    }
  }

  private openPool(): Piscina {
    const { rules, threads, log, program = { url: BUILT_WORKER, execArgv: [] } } = this.options;
    const pool = new Piscina({
      filename: program.url.href,
      execArgv: [...program.execArgv],
      workerData: rules,
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: IDLE_MS,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
      recordTiming: false,
    });
    // A thread that fails without a job could not even start: the pool would let every job wait for ever.
    pool.on('error', (cause) => {
      this.isBroken = true;
      log.warn('verification threads do not start, blocks are examined without', errorFields(cause));
      for (const stop of this.running) stop.abort();
    });
    return pool;
  }
}
