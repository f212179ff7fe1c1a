import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readBackup } from '../../../../test/support/fixtures.js';
import { toHex } from '../../../common/bytes.js';
import { rawHeaderOf } from '../codec/block.codec.js';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint-file.js';

const header = rawHeaderOf(readBackup('ibft-ecdsa').blocks[200] ?? new Uint8Array());
const checkpoint: Checkpoint = {
  chainId: 100,
  genesisHash: new Uint8Array(32).fill(1),
  number: 200,
  hash: new Uint8Array(32).fill(2),
  header,
  state: Uint8Array.of(0xc1, 0x80),
};
const written = {
  chainId: 100,
  genesisHash: `0x${'01'.repeat(32)}`,
  number: 200,
  hash: `0x${'02'.repeat(32)}`,
  header: toHex(header),
  state: '0xc180',
};

let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgekeeper-checkpoint-'));
});

afterAll(() => rm(folder, { recursive: true }));

const newPath = () => join(folder, `${files++}.json`);

async function read(content: string | object) {
  const path = newPath();
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readCheckpoint(path);
}

const invalid = (reason: unknown) => ({ code: 'BLOCKCHAIN.CHECKPOINT_INVALID', detail: { reason } });

describe('a checkpoint file', () => {
  it('gives back what was written, and is never written over', async () => {
    const path = newPath();
    await writeCheckpoint(path, checkpoint);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(written);
    expect(await readCheckpoint(path)).toEqual(checkpoint);
    await expect(writeCheckpoint(path, checkpoint)).rejects.toMatchObject(invalid('file exists'));
  });

  it('takes hex of either case, and an empty state', async () => {
    const { state } = await read({ ...written, hash: `0x${'AB'.repeat(32)}`, state: '0x' });
    expect(state).toHaveLength(0);
  });

  it.each([
    ['a member that is missing', { ...written, state: undefined }, /^state: /],
    ['a member that is not known', { ...written, more: 1 }, /more/],
    ['several faults', { ...written, chainId: -1, hash: '0x' }, /^chainId: .*; hash: /],
    ['a height above 2^53-1', { ...written, number: 2 ** 53 }, /^number: /],
    ['a height with a fraction', { ...written, number: 0.5 }, /^number: /],
    [
      'a short hash',
      { ...written, genesisHash: '0x00' },
      /^genesisHash: expected 0x and the hex of 32 bytes/,
    ],
    ['hex without 0x', { ...written, state: 'c180' }, /^state: /],
    ['hex of half a byte', { ...written, state: '0xc18' }, /^state: /],
    ['what is no hex', { ...written, state: '0xzz' }, /^state: /],
    ['a state that is too large', { ...written, state: `0x${'00'.repeat(1_048_577)}` }, /^state: /],
    ['a header that is none', { ...written, header: '0xc0' }, /^header: /],
    ['the header of another block', { ...written, number: 201 }, /^the header is of block 200, not 201/],
    ['a list', [], /^file: /],
    ['no JSON', 'number = 200', /^not JSON: /],
    ['a file that is too large', ' '.repeat(4_300_000), /^larger than 4198400 bytes/],
  ])('is refused with %s', async (_, content, reason) => {
    await expect(read(content)).rejects.toMatchObject(invalid(expect.stringMatching(reason)));
  });

  it('is refused when it cannot be read or written', async () => {
    await expect(readCheckpoint(newPath())).rejects.toMatchObject(invalid('no such file or directory'));
    await expect(readCheckpoint(folder)).rejects.toMatchObject(invalid('not a regular file'));
    const nowhere = join(folder, 'none', 'x');
    await expect(writeCheckpoint(nowhere, checkpoint)).rejects.toMatchObject(
      invalid('no such file or directory'),
    );
  });
});
