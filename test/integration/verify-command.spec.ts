import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { numberKey } from '../../src/modules/blockchain/adapters/durable/records.js';
import { LmdbTables } from '../../src/modules/blockchain/adapters/lmdb/lmdb-tables.js';
import { readCheckpoint } from '../../src/modules/blockchain/index.js';
import { runCli } from '../support/cli.js';
import { NETWORKS, type Network, readFixture } from '../support/fixtures.js';
import { readGenesisText } from '../support/genesis-texts.js';
import { restoredFolder } from '../support/restored-folder.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgekeeper-verify-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const archive = (network: Network) => new URL(`../fixtures/${network}/backup.dat`, import.meta.url).pathname;

/** Runs `verify --json` and gives its report. */
async function verify(network: Network, ...args: readonly string[]) {
  writeFileSync(at('genesis.json'), readGenesisText(network));
  const env = { EDGEKEEPER_BLOCKCHAIN_VERIFY_THREADS: '0' };
  const run = await runCli(['verify', '--json', '--chain', at('genesis.json'), ...args], { env });
  return {
    ...run,
    report: run.stdout === '' ? undefined : (JSON.parse(run.stdout) as Record<string, unknown>),
  };
}

const tables = async () => (await LmdbTables.open(join(folder, 'edgekeeper', 'blocks'))).tables;

describe('verify --restore', () => {
  it.each(NETWORKS)('finds nothing wrong with what the Go client wrote: %s', async (network) => {
    const { report, exitCode, stderr } = await verify(network, '--restore', archive(network));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const to = Number(report?.to);
    expect(to).toBeGreaterThan(50);
    expect(report).toMatchObject({
      from: 0,
      to,
      blocks: to + 1,
      damaged: [],
      starts_on_trust: false,
      fault: null,
    });
  });

  it('says it for people too', async () => {
    writeFileSync(at('genesis.json'), readGenesisText('ibft-ecdsa'));
    const run = await runCli(['verify', '--chain', at('genesis.json'), '--restore', archive('ibft-ecdsa')]);
    expect(run.stdout).toMatch(/^\n\[VERIFY\]\nVerified +=/);
    expect(run.stdout).toContain('0 to 260, 261 in all');
    expect(run.stdout).toMatch(/First Fault += +none/);
    expect(run.stdout).not.toContain('Damaged');
  });

  it('refuses with --strict a set that only execution could prove', async () => {
    const { report, exitCode } = await verify(
      'ibft-pos-change',
      '--strict',
      '--restore',
      archive('ibft-pos-change'),
    );
    expect(exitCode).toBe(1);
    expect(report).toMatchObject({ fault: { code: expect.stringMatching(/^BLOCKCHAIN\./) } });
    expect(Number(report?.to)).toBeLessThan(85);
  });

  it('names the first block that is bad, and what is good before it', async () => {
    const bytes = Buffer.from(readFixture('ibft-ecdsa/backup.dat'));
    // Somewhere in the seals of a block in the middle.
    bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
    writeFileSync(at('bad.dat'), bytes);
    const { report, exitCode } = await verify('ibft-ecdsa', '--restore', at('bad.dat'));
    expect(exitCode).toBe(1);
    const fault = report?.fault as { code: string; number?: number };
    expect(fault.code).toMatch(/^BLOCKCHAIN\./);
    expect(fault.number ?? Number(report?.to) + 1).toBe(Number(report?.to) + 1);
  });

  it('tells of a torn end, and of another chain', async () => {
    const bytes = readFixture('ibft-ecdsa/backup.dat');
    writeFileSync(at('torn.dat'), bytes.subarray(0, bytes.length - 100));
    const torn = await verify('ibft-ecdsa', '--restore', at('torn.dat'));
    expect(torn).toMatchObject({ exitCode: 1, report: { fault: { code: 'BLOCKCHAIN.ARCHIVE_INVALID' } } });
    const other = await verify('ibft-ecdsa', '--restore', archive('ibft-bls'));
    expect(other.exitCode).toBe(1);
    expect(other.report).toMatchObject({ blocks: 0, fault: { code: 'BLOCKCHAIN.GENESIS_MISMATCH' } });
  });

  it('fails where there is no archive', async () => {
    const run = await verify('ibft-ecdsa', '--restore', at('none.dat'));
    expect(run).toMatchObject({ exitCode: 1, stdout: '' });
    expect(run.stderr).toContain('none.dat');
  });

  it('writes a checkpoint of the last block, from which the next archive can be verified', async () => {
    const out = ['--checkpoint-out', at('checkpoint.json')];
    expect(await verify('ibft-ecdsa', '--restore', archive('ibft-ecdsa'), ...out)).toMatchObject({
      exitCode: 0,
    });
    const checkpoint = await readCheckpoint(at('checkpoint.json'));
    expect(checkpoint).toMatchObject({ chainId: 4101, number: 260 });
    const again = await verify('ibft-ecdsa', '--restore', archive('ibft-ecdsa'), ...out);
    expect(again.exitCode).toBe(1);
    expect(again.stderr).toContain('checkpoint.json');
    const held = ['--checkpoint', at('checkpoint.json'), '--restore', archive('ibft-ecdsa')];
    expect(await verify('ibft-ecdsa', ...held)).toMatchObject({ exitCode: 0, report: { to: 260 } });
  });

  it('writes no checkpoint when no block is good', async () => {
    const run = await verify(
      'ibft-ecdsa',
      '--restore',
      archive('ibft-bls'),
      '--checkpoint-out',
      at('none.json'),
    );
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain('no checkpoint can be written');
    expect(() => readFileSync(at('none.json'))).toThrow();
  });
});

describe('verify --store', () => {
  const ofStore = (...args: readonly string[]) =>
    verify('ibft-ecdsa', '--store', '--data-dir', folder, ...args);

  it('finds nothing wrong with a whole store', async () => {
    await restoredFolder(folder, 'ibft-ecdsa');
    expect(await ofStore()).toMatchObject({
      exitCode: 0,
      report: { from: 0, to: 260, blocks: 261, damaged: [] },
    });
  });

  it('begins where a pruned store does, on trust', async () => {
    await restoredFolder(folder, 'ibft-ecdsa', (store) => store.prune(100, { maxCount: 1_000 }));
    const { report, exitCode } = await ofStore('--checkpoint-out', at('checkpoint.json'));
    expect(exitCode).toBe(0);
    expect(report).toMatchObject({ from: 100, to: 260, blocks: 161, starts_on_trust: true });
    expect(await readCheckpoint(at('checkpoint.json'))).toMatchObject({ number: 260 });
  });

  it('names the damaged blocks', async () => {
    await restoredFolder(folder, 'ibft-ecdsa');
    const opened = await tables();
    await opened.commit((batch) => {
      batch.put('blocks', numberKey(40), Buffer.alloc(90));
      batch.remove('blocks', numberKey(77));
    });
    await opened.close();
    const { report, exitCode } = await ofStore();
    expect(exitCode).toBe(1);
    expect(report).toMatchObject({
      ...{ from: 0, to: 39, damaged: [40, 77] },
      fault: { code: 'BLOCKCHAIN.STORE_CORRUPT', number: 40 },
    });
    const text = await runCli(['verify', '--chain', at('genesis.json'), '--store', '--data-dir', folder]);
    expect(text.stdout).toMatch(/Damaged Blocks += 40 77/);
  });

  it('says why a store cannot be opened, with the page', async () => {
    await restoredFolder(folder, 'ibft-ecdsa');
    const file = join(folder, 'edgekeeper', 'blocks', 'data.mdb');
    const bytes = readFileSync(file);
    // The kinds of all pages but the first two.
    for (let page = 2; page < bytes.length / 4_096; page++) bytes.writeUInt16LE(0xffff, page * 4_096 + 18);
    writeFileSync(file, bytes);
    const { report, exitCode } = await ofStore();
    expect(exitCode).toBe(1);
    expect(report).toMatchObject({
      ...{ blocks: 0, damaged: [] },
      fault: { code: 'BLOCKCHAIN.STORE_CORRUPT', reason: expect.stringMatching(/page \d+/) },
    });
  });

  it('makes no store where there is none', async () => {
    const run = await ofStore();
    expect(run).toMatchObject({ exitCode: 1, stdout: '' });
    expect(() => readFileSync(join(folder, 'edgekeeper', 'blocks', 'data.mdb'))).toThrow();
  });

  it('fails while another process has it', async () => {
    await restoredFolder(folder, 'ibft-ecdsa');
    const opened = await tables();
    expect((await ofStore()).stderr).toContain('in use by another node');
    await opened.close();
  });
});

describe('verify refuses', () => {
  it.each([
    { args: [], says: 'give one of --restore and --store' },
    { args: ['--store', '--restore', 'x'], says: 'give one of --restore and --store' },
    { args: ['--store'], says: '--store needs --data-dir' },
  ])('$args', async ({ args, says }) =>
    expect(await runCli(['verify', ...args])).toEqual({ stdout: '', stderr: `${says}\n`, exitCode: 1 }),
  );
});
