import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ARCHIVE_HEADER,
  LATEST_HASH,
  paddedBlock,
  withDigests,
  writeChunked,
} from '../../../../test/support/archives.js';
import { concatBytes } from '../../../common/bytes.js';
import { ArchiveWriter } from './archive-writer.js';
import { encodeArchiveHeader, encodeChunkHead, encodeTrailer } from './chunk-layout.js';
import { openArchive } from './open-archive.js';

const digest = new Uint8Array(32);
const header = encodeArchiveHeader(ARCHIVE_HEADER);

let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgekeeper-archive-'));
});

afterAll(() => rm(folder, { recursive: true }));

const newPath = () => join(folder, `${files++}.eka`);

function chunk(from: number, count: number, payload: Uint8Array): Uint8Array {
  return concatBytes([encodeChunkHead({ from, count, length: payload.length }), payload, digest]);
}

const trailer = (latest: number) => encodeTrailer({ latest, latestHash: LATEST_HASH }, digest);

async function readAll(parts: readonly Uint8Array[]): Promise<number> {
  const path = newPath();
  await writeFile(path, withDigests(concatBytes(parts)));
  const { blocks, close } = await openArchive(path);
  let count = 0;
  try {
    for await (const _ of blocks) count += 1;
  } finally {
    await close();
  }
  return count;
}

describe('an archive with right digests', () => {
  const [zero, one] = [paddedBlock(0), paddedBlock(1)];

  it('may have any chunks', async () => {
    const parts = [header, chunk(0, 1, zero), chunk(1, 1, one), trailer(1)];
    expect(await readAll(parts)).toBe(2);
  });

  it.each([
    ['no block', [header, trailer(0)], /^an archive without blocks/],
    ['an empty chunk', [header, chunk(0, 0, digest.subarray(32)), trailer(0)], /^a chunk of 0 blocks/],
    [
      'a chunk of nothing',
      [header, chunk(0, 1, digest.subarray(32)), trailer(0)],
      /^0 blocks in a chunk of 1/,
    ],
    ['fewer blocks than counted', [header, chunk(0, 2, zero), trailer(1)], /^1 blocks in a chunk of 2/],
    ['more', [header, chunk(0, 1, concatBytes([zero, one])), trailer(0)], /^2 blocks in a chunk of 1/],
    ['half a block', [header, chunk(0, 1, zero.subarray(1)), trailer(0)], /is no block/],
    ['a string in place of a block', [header, chunk(0, 1, Uint8Array.of(1)), trailer(0)], /is no block/],
    [
      'a length that is not canonical',
      [header, chunk(0, 1, Uint8Array.of(0xf8, 0)), trailer(0)],
      /is no block/,
    ],
    [
      'a chunk from elsewhere',
      [header, chunk(1, 1, one), trailer(1)],
      /^a chunk from block 1 on instead of 0/,
    ],
    ['a trailer for more', [header, chunk(0, 1, zero), trailer(1)], /^the trailer names block 1/],
    ['neither chunk nor trailer', [header, chunk(0, 1, zero), Uint8Array.of(3)], /^neither/],
    ['a height above 2^53-1', [header, chunk(2 ** 53, 1, zero), trailer(0)], /^a number above/],
    ['a trailer beyond that', [header, chunk(0, 1, zero), trailer(2 ** 53)], /^the trailer names block/],
  ])('is refused with %s', async (_, parts, reason) => {
    await expect(readAll(parts)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.ARCHIVE_INVALID',
      detail: { offset: expect.any(Number), reason: expect.stringMatching(reason) },
    });
  });
});

describe('a file that cannot be written', () => {
  it('is named, with what the system said', async () => {
    const path = newPath();
    await writeFile(path, '');
    const file = await open(path, 'r');
    const writer = new ArchiveWriter({ file, path, found: undefined }, ARCHIVE_HEADER);
    await writer.append([paddedBlock(0)]);
    await expect(writer.finish(LATEST_HASH)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.ARCHIVE_INVALID',
      detail: { reason: expect.stringContaining(`write ${path}: `) },
    });
    expect(writer.heldUpTo).toBeUndefined();
    await file.close();
  });
});

describe('a large archive', () => {
  it('is brought to the disk in between', async () => {
    const path = newPath();
    const blocks = Array.from({ length: 20 }, (_, number) => paddedBlock(number, 1_000_000));
    const whole = await writeChunked(path, blocks, { latestHash: LATEST_HASH });
    expect(await readAll([whole])).toBe(20);
    expect((await readFile(path)).length).toBe(whole.length);
  });
});
