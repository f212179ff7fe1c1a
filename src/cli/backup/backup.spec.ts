import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code, ConnectError, type ServiceImpl } from '@connectrpc/connect';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cliFixture, type RunCliOptions, runCli } from '../../../test/support/cli.js';
import { readBackup } from '../../../test/support/fixtures.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { OperatorServer } from '../../../test/support/operator-server.js';
import { concatBytes, toHex } from '../../common/bytes.js';
import type { System } from '../../gen/v1/system_pb.js';

const archive = readBackup('ibft-ecdsa');
const head = { number: 318n, hash: `0x${'12'.repeat(32)}` };

type Answers = Partial<ServiceImpl<typeof System>>;

const honest: Answers = {
  getStatus: () => ({ current: head }),
  blockByNumber: ({ number }) => ({ data: blockAt(Number(number)) }),
  async *export({ from, to }) {
    yield { from, to, latest: head.number, data: concatBytes(blocks(Number(from), Number(to))) };
  },
};

let folder: string;
let server: OperatorServer | undefined;

async function backup(answers: Answers, args: readonly string[], options: RunCliOptions = {}) {
  const operator = await OperatorServer.start({ ...honest, ...answers });
  server = operator;
  return runCli(['backup', '--grpc-address', operator.address, ...args], options);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgekeeper-backup-'));
});

afterEach(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const blockAt = (height: number) => archive.blocks[height] ?? new Uint8Array();
const blocks = (from: number, to: number) => archive.blocks.slice(from, to + 1);
const file = (name = 'backup.dat') => join(folder, name);

describe('backup', () => {
  it('prints backup.json.txt and its log', async () => {
    const clock = new ManualClock(Date.parse('2026-11-22T19:04:12.590Z'));
    const run = await backup({}, ['--out', file(), '--from', '0x5', '--to', '9', '--json'], { clock });
    const fixture = cliFixture('backup.json.txt');
    expect(run.stdout.replace(JSON.stringify(file()), '"backup.dat"')).toBe(fixture.stdout);
    expect(run.stderr.replaceAll('12.590Z', '')).toBe(fixture.stderr.replace(/12\.59\dZ/g, ''));
    expect(run.exitCode).toBe(0);
  });

  it('writes what the Go client wrote', async () => {
    const { latest, latestHash } = archive.metadata;
    const run = await backup(
      {
        getStatus: () => ({ current: { number: BigInt(latest), hash: toHex(latestHash) } }),
        async *export({ from, to }) {
          for (let at = Number(from); at <= Number(to); at += 100) {
            const last = Math.min(at + 99, Number(to));
            yield { from: BigInt(at), to: BigInt(last), latest: to, data: concatBytes(blocks(at, last)) };
          }
        },
      },
      ['--out', file()],
    );
    const recorded = new URL('../../../test/fixtures/ibft-ecdsa/backup.dat', import.meta.url);
    expect(readFileSync(file()).equals(readFileSync(recorded))).toBe(true);
    expect(run.stdout).toBe(
      `\n[BACKUP]\nExported backup file successfully:\nFile = ${file()}\nFrom = 0\nTo   = ${latest}\n`,
    );
    expect(run.stderr.split('\n').at(-2)).toContain(`progress="100.00%"`);
  });

  it('ends at the head when more is asked for', async () => {
    const asked: bigint[] = [];
    const run = await backup(
      {
        getStatus: () => ({ current: { number: 9n, hash: head.hash } }),
        async *export({ from, to }) {
          asked.push(to);
          yield { from, to, latest: to, data: concatBytes(blocks(0, 9)) };
        },
      },
      ['--out', file(), '--to', '1000'],
    );
    expect(run.exitCode).toBe(0);
    expect(asked).toEqual([9n]);
  });

  it('ends at a chain of the genesis block alone', async () => {
    const run = await backup({ getStatus: () => ({ current: { number: 0n, hash: head.hash } }) }, [
      '--out',
      file(),
    ]);
    expect(run.exitCode).toBe(0);
    // RLP of [0, hash]: 0xe2 0x80 0xa0 …
    expect(readFileSync(file()).subarray(0, 3).toString('hex')).toBe('e280a0');
  });

  it('never writes over a file', async () => {
    writeFileSync(file(), 'mine');
    const run = await backup({}, ['--out', file()]);
    expect(run).toMatchObject({ stderr: `open ${file()}: file exists\n`, exitCode: 1 });
    expect(readFileSync(file(), 'utf8')).toBe('mine');
  });
});

describe('backup leaves no file behind', () => {
  const failing = (error: unknown) => () => {
    throw error;
  };
  const cases: { name: string; answers: Answers; says: RegExp }[] = [
    {
      name: 'when the node has no status',
      answers: { getStatus: failing(new ConnectError('no', Code.Unavailable)) },
      says: /^rpc error: code = Unavailable desc = no$/m,
    },
    {
      name: 'when the head has no hash',
      answers: { getStatus: () => ({ current: { number: 1n, hash: 'x' } }) },
      says: /as its head/,
    },
    {
      name: 'when the head has no height',
      answers: { getStatus: () => ({ current: { number: -1n, hash: head.hash } }) },
      says: /as its head/,
    },
    {
      name: 'when the last block cannot be had',
      answers: { blockByNumber: failing(new ConnectError('block #9 not found', Code.NotFound)) },
      says: /block #9 not found/,
    },
    {
      name: 'when the last block is no block',
      answers: { blockByNumber: () => ({ data: Uint8Array.of(1) }) },
      says: /./,
    },
    { name: 'when no block comes', answers: { async *export() {} }, says: /couldn't get any blocks/ },
    {
      name: 'when fewer blocks come than were asked for',
      answers: {
        async *export({ from, to }) {
          yield { from, to: to - 1n, latest: 9n, data: concatBytes(blocks(5, 8)) };
        },
      },
      says: /up to 8, not up to 9/,
    },
    {
      name: 'when the stream breaks',
      answers: {
        async *export({ from }) {
          yield { from, to: from, latest: 9n, data: blockAt(5) };
          throw new ConnectError('to must be greater than from', Code.InvalidArgument);
        },
      },
      says: /to must be greater than from/,
    },
  ];

  it.each(cases)('$name', async ({ answers, says }) => {
    const run = await backup(answers, ['--out', file(), '--from', '5', '--to', '9']);
    expect(run.stderr.split('\n').at(-2)).toMatch(says);
    expect(run).toMatchObject({ stdout: '', exitCode: 1 });
    expect(existsSync(file())).toBe(false);
  });

  it('when it is interrupted', async () => {
    const interruption = new AbortController();
    const run = await backup(
      {
        async *export({ from }, { signal }) {
          yield { from, to: from, latest: 9n, data: blockAt(5) };
          interruption.abort();
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        },
      },
      ['--out', file()],
      { signal: interruption.signal },
    );
    expect(run.stderr).toMatch(/interrupted/);
    expect(run.exitCode).toBe(1);
    expect(existsSync(file())).toBe(false);
  });
});

describe('backup refuses', () => {
  it.each([
    { args: [], says: 'required flag(s) "out" not set' },
    { args: ['--out', 'x', '--from', 'zz'], says: 'unable to decode range value' },
    { args: ['--out', 'x', '--to', '-1'], says: 'unable to decode range value' },
    { args: ['--out', 'x', '--to', '18446744073709551616'], says: 'unable to decode range value' },
    { args: ['--out', 'x', '--from', '2', '--to', '1'], says: 'invalid "to" value; must be >= "from"' },
    { args: ['--out', 'x', '--from', '0', '--to', '0'], says: 'to must be greater than from' },
    { args: ['--out', 'x', '--to', '0'], says: 'to must be greater than from' },
    { args: ['--out', 'x', '--format', 'z'], says: 'invalid "format" value; must be edge or edgekeeper' },
    {
      args: ['--out', 'x', '--format', 'edge', '--resume'],
      says: 'a backup in format edge cannot be resumed',
    },
  ])('$args', async ({ args, says }) =>
    expect(await runCli(['backup', ...args])).toEqual({ stdout: '', stderr: `${says}\n`, exitCode: 1 }),
  );

  it('a folder that is not there', async () => {
    const run = await backup({}, ['--out', file('missing/backup.dat')]);
    expect(run.stderr).toBe(`open ${file('missing/backup.dat')}: no such file or directory\n`);
  });
});
