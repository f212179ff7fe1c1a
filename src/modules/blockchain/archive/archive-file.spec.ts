import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { concatBytes } from '../../../common/bytes.js';
import { chunksOf, openArchiveFile } from './archive-file.js';

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
  const file = await openArchiveFile(path);
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(file, path)) chunks.push(chunk);
  await file.close();
  expect(Buffer.compare(concatBytes(chunks), bytes)).toBe(0);
  expect(chunks).toHaveLength(3);
});

it('names the file when reading fails', async () => {
  await writeFile(path, 'x');
  const file = await openArchiveFile(path);
  await file.close();
  await expect(chunksOf(file, path).next()).rejects.toMatchObject({
    code: 'BLOCKCHAIN.ARCHIVE_INVALID',
    detail: { reason: expect.stringContaining(`read ${path}: `) },
  });
});

it('takes the text of an error that no system call gave', async () => {
  await expect(openArchiveFile('a\0b')).rejects.toMatchObject({
    code: 'BLOCKCHAIN.ARCHIVE_INVALID',
    detail: { reason: expect.stringContaining('null bytes') },
  });
});

it.each([
  { name: 'a file that is not there', at: () => join(folder, 'none'), text: 'no such file or directory' },
  { name: 'a folder', at: () => folder, text: 'not a regular file' },
  { name: 'a device', at: () => '/dev/null', text: 'not a regular file' },
  { name: 'a path through a file', at: () => join(path, 'x'), text: 'not a directory' },
])('refuses $name, in the words of Go alone', async ({ at, text }) => {
  await writeFile(path, '');
  await expect(openArchiveFile(at())).rejects.toMatchObject({
    code: 'BLOCKCHAIN.ARCHIVE_INVALID',
    message: `open ${at()}: ${text}`,
  });
});
