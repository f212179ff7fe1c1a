import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ProofVerifier } from '../../src/modules/blockchain/proofs/proof-verifier.js';
import { runCli } from '../support/cli.js';
import { readJsonl } from '../support/fixtures.js';
import { readGenesisText } from '../support/genesis-texts.js';
import { restoredFolder } from '../support/restored-folder.js';

const genesis = readGenesisText('ibft-ecdsa');
const recorded = readJsonl<{ number: string; hash: string; transactions: { hash: string }[] }>(
  'ibft-ecdsa/blocks.jsonl',
);
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'edgekeeper-prove-'));
  writeFileSync(join(folder, 'genesis.json'), genesis);
  await restoredFolder(folder, 'ibft-ecdsa');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const prove = (...args: readonly string[]) =>
  runCli(['prove', '--chain', join(folder, 'genesis.json'), '--data-dir', folder, ...args]);

const blockAt = (number: number) => recorded.find((block) => Number(block.number) === number);

describe('prove', () => {
  it.each([['--json'], []])('gives a header’s proof that the verifier takes (%s)', async (...format) => {
    const run = await prove('--block', '200', ...format);
    expect({ exitCode: run.exitCode, stderr: run.stderr }).toEqual({ exitCode: 0, stderr: '' });
    const verifier = await ProofVerifier.create({ genesis });
    const { number, hash } = verifier.verifyHeaderProof(JSON.parse(run.stdout));
    expect({ number, hash }).toEqual({ number: 200, hash: blockAt(200)?.hash });
  });

  it('gives a transaction’s proof', async () => {
    const run = await prove('--block', '25', '--transaction', '1', '--full');
    const verifier = await ProofVerifier.create({ genesis });
    expect(verifier.verifyTransactionProof(JSON.parse(run.stdout)).hash).toBe(
      blockAt(25)?.transactions[1]?.hash,
    );
  });

  it('says what cannot be proved', async () => {
    expect(await prove('--block', '10', '--transaction', '0')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('it has 0 transactions'),
    });
    expect(await prove('--block', '1000')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('1000'),
    });
  });

  it.each([[[]], [['--block', 'x']], [['--block', '-1']], [['--block', '1', '--transaction', 'x']]])(
    'asks for numbers: %p',
    async (args) => {
      expect(await prove(...args)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('needs a number'),
      });
    },
  );
});
