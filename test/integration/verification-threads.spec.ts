import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { BlockchainError } from '../../src/modules/blockchain/blockchain.errors.js';
import { createConsensus } from '../../src/modules/blockchain/consensus/create-consensus.js';
import { parseGenesis } from '../../src/modules/blockchain/genesis/parse-genesis.js';
import { type Examiner, InlineExaminer } from '../../src/modules/blockchain/verification/examiner.js';
import { workerRules } from '../../src/modules/blockchain/verification/packed-job.js';
import { WorkerExaminer } from '../../src/modules/blockchain/verification/worker-examiner.js';
import { type Network, readBackup } from '../support/fixtures.js';
import { readGenesisText } from '../support/genesis-texts.js';
import { openChain } from '../support/open-chain.js';
import { blockOf, changed, headerOf } from '../support/recorded-chain.js';
import { RecordingLogger } from '../support/recording-logger.js';

const MAX_BLOCK_BYTES = 4 * 1_024 * 1_024;
const worker = new URL('../../src/modules/blockchain/verification/examine.worker.ts', import.meta.url);
const typescript = fileURLToPath(new URL('../../scripts/typescript.mjs', import.meta.url));

const opened: Examiner[] = [];

afterEach(async () => {
  for (const examiner of opened.splice(0)) await examiner.close();
});

/** Threads as a node has them, but from the sources. */
function examinerOf(network: Network, url = worker) {
  const config = parseGenesis(readGenesisText(network));
  const consensus = createConsensus(config);
  const log = new RecordingLogger();
  const inline = new InlineExaminer({ consensus, forks: config.forks, maxBlockBytes: MAX_BLOCK_BYTES });
  const program = { url, execArgv: ['--import', typescript] };
  const rules = workerRules(config, MAX_BLOCK_BYTES);
  const threads = new WorkerExaminer({ inline, rules, threads: 2, log, program });
  opened.push(threads);
  return { config, consensus, inline, threads, log };
}

describe(WorkerExaminer.name, () => {
  it.each(['ibft-switch', 'ibft-bls', 'polybft'] as const)(
    '%s is verified in threads, several batches at once',
    async (network) => {
      const { config, consensus, threads, log } = examinerOf(network);
      const chain = await openChain(config, { consensus, examiner: threads, isStrict: true });
      const { blocks } = readBackup(network);
      const inserts = [];
      for (let from = 0; from < blocks.length; from += 32) {
        inserts.push(chain.insert(blocks.slice(from, from + 32), { source: 'restore' }));
      }
      await Promise.all(inserts);
      expect(chain.head()?.number).toBe(blocks.length - 1);
      expect(log.messages('warn')).toEqual([]);
      await chain.close();
    },
    120_000,
  );

  it('says of each block what the main thread says, a bad one included', async () => {
    const { consensus, inline, threads } = examinerOf('ibft-ecdsa');
    await consensus.prepare();
    const { blocks } = readBackup('ibft-ecdsa');
    const genesis = blockOf(blocks, 0);
    const job = {
      parent: genesis,
      blocks: [...blocks.slice(1, 30), changed(30, { difficulty: 1n }), ...blocks.slice(31, 40)],
      hint: consensus.stateAfterGenesis(headerOf(genesis)).encoded,
    };
    const expected = await inline.examine(job);
    expect(expected.blocks).toHaveLength(29);
    expect(await threads.examine(job)).toEqual(expected);
  });

  it('goes on without threads where they fail, and says so', async () => {
    const { config, consensus, threads, log } = examinerOf(
      'ibft-ecdsa',
      new URL('./none.ts', import.meta.url),
    );
    const chain = await openChain(config, { consensus, examiner: threads });
    const { blocks } = readBackup('ibft-ecdsa');
    await chain.insert(blocks.slice(0, 40), { source: 'restore' });
    expect(chain.head()?.number).toBe(39);
    expect(log.messages('warn')).toContainEqual(expect.stringContaining('threads do not start'));
    await chain.close();
  });

  it('gives up what is under way when it closes', async () => {
    const { consensus, threads } = examinerOf('ibft-ecdsa');
    const { blocks } = readBackup('ibft-ecdsa');
    const genesis = blockOf(blocks, 0);
    const hint = consensus.stateAfterGenesis(headerOf(genesis)).encoded;
    const examined = threads.examine({ parent: genesis, blocks: blocks.slice(1, 100), hint });
    const failed = expect(examined).rejects.toThrow(BlockchainError);
    await threads.close();
    await failed;
  });
});
