import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code, ConnectError, type ServiceImpl } from '@connectrpc/connect';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { paddedBlock } from '../../../test/support/archives.js';
import { type RunCliOptions, runCli } from '../../../test/support/cli.js';
import { eventually } from '../../../test/support/eventually.js';
import { readBackup, readFixture } from '../../../test/support/fixtures.js';
import { OperatorServer } from '../../../test/support/operator-server.js';
import { concatBytes, toHex } from '../../common/bytes.js';
import type { System } from '../../gen/v1/system_pb.js';
import { decodeBlock, openArchive } from '../../modules/blockchain/index.js';

const archive = readBackup('ibft-ecdsa');
const chain = archive.blocks;
const HEAD = 260;
/** Of block 260, which no other block of the fixture knows. */
const HEAD_HASH = `0x${'12'.repeat(32)}`;

type Answers = Partial<ServiceImpl<typeof System>>;

const blockAt = (height: number) => chain[height] ?? new Uint8Array();
const parentHashOf = (height: number) => decodeBlock(blockAt(height)).header.parentHash;

/** As the Go client's: status without the genesis hash, no export of a single block. */
const honest: Answers = {
  getStatus: () => ({ network: 4321n, current: { number: BigInt(HEAD), hash: HEAD_HASH } }),
  blockByNumber: ({ number }) => ({ data: blockAt(Number(number)) }),
  async *export({ from, to }) {
    if (to <= from) throw new ConnectError('to must be greater than from', Code.InvalidArgument);
    for (let at = Number(from); at <= Number(to); at += 50) {
      const last = Math.min(at + 49, Number(to));
      const data = concatBytes(chain.slice(at, last + 1));
      yield { from: BigInt(at), to: BigInt(last), latest: BigInt(HEAD), data };
    }
  },
};

let folder: string;
let server: OperatorServer | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgekeeper-backup-'));
});

afterEach(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const file = (name = 'backup.eka') => join(folder, name);

async function backup(answers: Answers, args: readonly string[], options: RunCliOptions = {}) {
  await server?.stop();
  const operator = await OperatorServer.start({ ...honest, ...answers });
  server = operator;
  return runCli(['backup', '--grpc-address', operator.address, ...args], options);
}

const fresh = (...args: string[]) => ['--format', 'edgekeeper', '--out', file(), ...args];
const resumed = (...args: string[]) => ['--resume', '--out', file(), ...args];

/** An export that breaks once `height` is sent. */
function breakingAfter(height: number, onBreak = async () => {}): Answers {
  return {
    async *export({ from }) {
      const data = concatBytes(chain.slice(Number(from), height + 1));
      yield { from, to: BigInt(height), latest: BigInt(HEAD), data };
      await onBreak();
      throw new ConnectError('gone', Code.Unavailable);
    },
  };
}

async function read(path = file()) {
  const opened = await openArchive(path);
  const blocks: Uint8Array[] = [];
  try {
    for await (const block of opened.blocks) blocks.push(block);
  } finally {
    await opened.close();
  }
  return { ...opened, blocks };
}

describe('backup --format edgekeeper', () => {
  it('writes all blocks, the chain they are of, and the hash of the last', async () => {
    const run = await backup({}, fresh());
    expect(run.stdout).toBe(
      `\n[BACKUP]\nExported backup file successfully:\nFile = ${file()}\nFrom = 0\nTo   = 260\n`,
    );
    const { header, metadata, blocks } = await read();
    expect(header).toEqual({ chainId: 4321, genesisHash: parentHashOf(1), from: 0 });
    expect(metadata?.latest).toBe(HEAD);
    expect(metadata && toHex(metadata.latestHash)).toBe(HEAD_HASH);
    expect(Buffer.compare(concatBytes(blocks), concatBytes(chain))).toBe(0);
  });

  it('takes the genesis hash that our nodes tell, and that of a chain of one block', async () => {
    const genesis = `0x${'77'.repeat(32)}`;
    await backup({ getStatus: () => ({ genesis, current: { number: 9n, hash: HEAD_HASH } }) }, fresh());
    expect(toHex((await read()).header?.genesisHash ?? new Uint8Array())).toBe(genesis);
    rmSync(file());
    await backup({ getStatus: () => ({ current: { number: 0n, hash: HEAD_HASH } }) }, fresh('--json'));
    const { header, blocks } = await read();
    expect(toHex(header?.genesisHash ?? new Uint8Array())).toBe(HEAD_HASH);
    expect(blocks).toHaveLength(1);
  });

  it('knows the true hash of an end below the head', async () => {
    const run = await backup({}, fresh('--from', '5', '--to', '9', '--json'));
    expect(JSON.parse(run.stdout)).toEqual({ from: 5, to: 9, out: file() });
    expect((await read()).metadata).toEqual({ latest: 9, latestHash: parentHashOf(10) });
  });

  it.each([
    { name: 'at once', broken: [100] },
    { name: 'after a chunk', broken: [257] },
    { name: 'several times', broken: [100, 30, 258] },
    { name: 'before the last block', broken: [259] },
  ])('broken off $name it is resumed to the same bytes', async ({ broken }) => {
    await backup({}, fresh());
    const whole = readFileSync(file());
    rmSync(file());
    for (const height of broken) {
      const run = await backup(breakingAfter(height), resumed());
      expect(run.exitCode).toBe(1);
      expect(run.stderr).toContain('code = Unavailable desc = gone');
    }
    const run = await backup({}, resumed('--json'));
    expect(JSON.parse(run.stdout)).toEqual({ from: 0, to: HEAD, out: file() });
    expect(readFileSync(file()).equals(whole)).toBe(true);
  });

  it('grows with the chain', async () => {
    await backup({}, fresh());
    const whole = readFileSync(file());
    rmSync(file());
    await backup({}, fresh('--to', '258'));
    // One block is missing, then two: the service exports no single one.
    expect((await backup({}, resumed('--to', '259'))).exitCode).toBe(0);
    expect((await read()).metadata?.latest).toBe(259);
    expect((await backup({}, resumed())).exitCode).toBe(0);
    expect(readFileSync(file()).equals(whole)).toBe(true);
    expect((await backup({}, resumed())).exitCode).toBe(0);
    expect(readFileSync(file()).equals(whole)).toBe(true);
  });

  it('keeps whole chunks when it is interrupted, and says so', async () => {
    const interruption = new AbortController();
    const run = await backup(
      breakingAfter(257, async () => {
        await eventually(() => statSync(file()).size > 0);
        interruption.abort();
      }),
      fresh(),
      {
        signal: interruption.signal,
      },
    );
    expect(run.stderr).toContain('interrupted, the file holds the blocks up to 255; go on with --resume');
    await expect(read()).rejects.toMatchObject({ code: 'BLOCKCHAIN.ARCHIVE_INVALID' });
  });

  it('leaves no file behind when nothing came, and a file to be resumed as it was', async () => {
    const failing: Answers = {
      getStatus: () => {
        throw new ConnectError('no', Code.Unavailable);
      },
    };
    await backup(failing, fresh());
    expect(existsSync(file())).toBe(false);
    await backup({}, fresh('--to', '100'));
    const before = readFileSync(file());
    const run = await backup(failing, resumed());
    expect(run.stderr).toMatch(/kept="the file is as it was"[\s\S]*desc = no\n$/);
    expect(readFileSync(file()).equals(before)).toBe(true);
  });

  it.each([
    {
      name: 'of another chain',
      answers: { getStatus: () => ({ network: 1n, current: { number: 260n, hash: HEAD_HASH } }) },
      says: /is of another chain \(ID 4321/,
    },
    {
      name: 'whose last block the node has not',
      answers: {
        blockByNumber: ({ number }) => ({
          data: number === 100n ? paddedBlock(100) : blockAt(Number(number)),
        }),
      },
      says: /another block 100/,
    },
    {
      name: 'above the head of the node',
      answers: { getStatus: () => ({ network: 4321n, current: { number: 50n, hash: HEAD_HASH } }) },
      says: /holds blocks up to 100, above 50/,
    },
  ] satisfies { name: string; answers: Answers; says: RegExp }[])(
    'does not go on with a file $name',
    async ({ answers, says }) => {
      await backup({}, fresh('--to', '100'));
      const before = readFileSync(file());
      const run = await backup(answers, resumed());
      expect(run.stderr).toMatch(says);
      expect(run.exitCode).toBe(1);
      expect(readFileSync(file()).equals(before)).toBe(true);
    },
  );

  it('does not go on with a file that begins elsewhere', async () => {
    await backup({}, fresh('--to', '100'));
    const run = await backup({}, resumed('--from', '7'));
    expect(run.stderr).toContain('it begins at block 0, not at 7');
  });

  it.each([
    { name: 'blocks that do not follow', data: blockAt(7), says: /invalid block sequence/ },
    { name: 'what is no block', data: Uint8Array.of(1), says: /expected array/ },
    { name: 'half a block', data: blockAt(0).subarray(0, 99), says: /end inside of a block/ },
    { name: 'fewer blocks than it has', data: blockAt(0), says: /up to 0, not up to 260/ },
  ])('fails when the node sends $name', async ({ data, says }) => {
    const run = await backup(
      {
        async *export({ from, to }) {
          yield { from, to: from, latest: to, data };
        },
      },
      fresh(),
    );
    expect(run.stderr).toMatch(says);
    expect(existsSync(file())).toBe(false);
  });

  it('refuses to begin above the head', async () => {
    const run = await backup({}, fresh('--from', '261'));
    expect(run.stderr).toContain('the backup would begin at 261 and end at 260');
  });

  it('refuses to go on with an archive of the Go client, and to write over a file', async () => {
    writeFileSync(file(), readFixture('ibft-ecdsa/backup.dat'));
    const { stderr } = await runCli(['backup', ...resumed()]);
    expect(stderr).toBe('invalid archive at byte 0: not an archive\n');
    expect((await runCli(['backup', ...fresh()])).stderr).toBe(`open ${file()}: file exists\n`);
  });
});
