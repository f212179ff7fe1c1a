import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { concatBytes } from '../../../common/bytes.js';
import { chunksOf, openArchive } from './archive-file.js';

let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgekeeper-archive-'));
  path = join(folder, 'backup.dat');
});

afterAll(() => rm(folder, { recursive: true }));

it('gives all of a file, in chunks of their own', async () => {
  const bytes = Uint8Array.from({ length: 600_000 }, (_, at) => at % 251);
  await writeFile(path, bytes);
  const file = await openArchive(path);
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(file, path)) chunks.push(chunk);
  await file.close();
  expect(Buffer.compare(concatBytes(chunks), bytes)).toBe(0);
  expect(chunks).toHaveLength(3);
});

it('names the file when reading fails', async () => {
  await writeFile(path, 'x');
  const file = await openArchive(path);
  await file.close();
  await expect(chunksOf(file, path).next()).rejects.toMatchObject({
    code: 'BLOCKCHAIN.ARCHIVE_INVALID',
    detail: { reason: expect.stringContaining(`read ${path}: `) },
  });
});

it('takes the text of an error that no system call gave', async () => {
  await expect(openArchive('a\0b')).rejects.toMatchObject({
    code: 'BLOCKCHAIN.ARCHIVE_INVALID',
    detail: { reason: expect.stringContaining('null bytes') },
  });
});
