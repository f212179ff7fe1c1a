import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { expect, it } from '@jest/globals';

const program = new URL('../oracle/worker.ts', import.meta.url);
const typescript = fileURLToPath(new URL('../../scripts/typescript.mjs', import.meta.url));

async function compareInThread(): Promise<unknown> {
  const worker = new Worker(program, { execArgv: ['--import', typescript] });
  const [found] = await once(worker, 'message');
  await worker.terminate();
  return found;
}

it('all cryptography answers as another implementation does, in two threads at once', async () => {
  const asExpected = Array.from({ length: 4 }, () =>
    expect.objectContaining({ cases: 8, disagreements: [] }),
  );
  expect(await Promise.all([compareInThread(), compareInThread()])).toEqual([asExpected, asExpected]);
});
