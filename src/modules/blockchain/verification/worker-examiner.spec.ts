import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ibftChain } from '../../../../test/support/chain-builder/index.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { MAX_BLOCK_BYTES, VerifiedChain } from '../../../../test/support/verified-chain.js';
import type { ExamineJob } from './examine-chunk.js';
import { type Examiner, InlineExaminer } from './examiner.js';
import { workerRules } from './packed-job.js';
import { WorkerExaminer } from './worker-examiner.js';

let chain: VerifiedChain;
let log: RecordingLogger;
let inline: Examiner;
let examiner: WorkerExaminer;
let jobs: ExamineJob[];

const jobOf = (count: number): ExamineJob => ({
  parent: chain.rawAt(0),
  blocks: chain.raws.slice(1, 1 + count),
  hint: chain.stateAt(0).encoded,
});

beforeAll(async () => {
  chain = await VerifiedChain.built('built', ibftChain().grow(20));
});

beforeEach(() => {
  log = new RecordingLogger();
  jobs = [];
  const { consensus, config } = chain;
  const real = new InlineExaminer({ consensus, forks: config.forks, maxBlockBytes: MAX_BLOCK_BYTES });
  inline = {
    examine: (job) => {
      jobs.push(job);
      return real.examine(job);
    },
    close: () => real.close(),
  };
  const rules = workerRules(config, MAX_BLOCK_BYTES);
  examiner = new WorkerExaminer({ inline, rules, threads: 1, log });
});

afterEach(() => examiner.close());

// What threads find is compared where the program is built: here there is no file for a thread to run.
describe(WorkerExaminer.name, () => {
  it('needs no thread for a few blocks', async () => {
    expect((await examiner.examine(jobOf(15))).blocks).toHaveLength(15);
    expect(jobs).toHaveLength(1);
    expect(log.lines).toEqual([]);
  });

  it('examines without where threads do not start, says so, and tries no more', async () => {
    const [one, other] = [jobOf(16), jobOf(20)];
    const chunks = await Promise.all([examiner.examine(one), examiner.examine(other)]);
    expect(chunks).toEqual([await inline.examine(one), await inline.examine(other)]);
    const warned = log.messages('warn').length;
    expect(warned).toBeGreaterThan(0);
    await examiner.examine(jobOf(18));
    expect(log.messages('warn')).toHaveLength(warned);
  });

  it('needs no thread once it is closed', async () => {
    await examiner.close();
    await examiner.close();
    expect((await examiner.examine(jobOf(20))).blocks).toHaveLength(20);
    expect(log.lines).toEqual([]);
  });
});
