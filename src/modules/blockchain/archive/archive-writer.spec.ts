import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ARCHIVE_HEADER, LATEST_HASH, paddedBlock, writeChunked } from '../../../../test/support/archives.js';
import { readFixture } from '../../../../test/support/fixtures.js';

const SEED = 5;
/** Two full chunks and one that is not. */
const blocks = Array.from({ length: 540 }, (_, number) => paddedBlock(number));

let folder: string;
let files = 0;
let whole: Uint8Array;

const newPath = () => join(folder, `${files++}.eka`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgekeeper-archive-'));
  whole = await writeChunked(newPath(), blocks, { latestHash: LATEST_HASH });
});

afterAll(() => rm(folder, { recursive: true }));

const invalid = (detail: object) =>
  expect.objectContaining({ code: 'BLOCKCHAIN.ARCHIVE_INVALID', detail: expect.objectContaining(detail) });

describe('a resumed archive', () => {
  it('has the bytes of one that was not interrupted, wherever it was cut off', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: whole.length }), async (length) => {
        const path = newPath();
        await writeFile(path, whole.subarray(0, length));
        const resumed = await writeChunked(path, blocks, { resume: true, latestHash: LATEST_HASH });
        expect(Buffer.compare(resumed, whole)).toBe(0);
        await rm(path);
      }),
      { seed: SEED, numRuns: 60, examples: [[0], [7], [8], [91], [92], [whole.length]] },
    );
  });

  it('has them also after several interruptions while writing, and when it was finished earlier on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ upTo: fc.nat({ max: blocks.length }), finish: fc.boolean() }), { maxLength: 4 }),
        async (sessions) => {
          const path = newPath();
          const ordered = sessions.filter(({ upTo }) => upTo > 0).sort((a, b) => a.upTo - b.upTo);
          for (const { upTo, finish } of ordered) {
            const latestHash = finish ? LATEST_HASH : undefined;
            await writeChunked(path, blocks.slice(0, upTo), { resume: true, latestHash });
          }
          const resumed = await writeChunked(path, blocks, { resume: true, latestHash: LATEST_HASH });
          expect(Buffer.compare(resumed, whole)).toBe(0);
          await rm(path);
        },
      ),
      { seed: SEED, numRuns: 30 },
    );
  });

  it('is not touched when there is nothing to add', async () => {
    const path = newPath();
    await writeChunked(path, blocks, { latestHash: LATEST_HASH });
    expect(Buffer.compare(await writeChunked(path, blocks, { resume: true }), whole)).toBe(0);
    const other = new Uint8Array(32);
    expect(Buffer.compare(await writeChunked(path, blocks, { resume: true, latestHash: other }), whole)).toBe(
      0,
    );
  });

  it.each([
    { name: 'of another chain ID', header: { ...ARCHIVE_HEADER, chainId: 8 } },
    { name: 'with another genesis', header: { ...ARCHIVE_HEADER, genesisHash: new Uint8Array(32) } },
    { name: 'that begins elsewhere', header: { ...ARCHIVE_HEADER, from: 1 } },
  ])('is not one $name', async ({ header }) => {
    const path = newPath();
    await writeFile(path, whole);
    await expect(writeChunked(path, blocks, { resume: true, header })).rejects.toEqual(
      invalid({ offset: 0 }),
    );
    expect(Buffer.compare(await readFile(path), whole)).toBe(0);
  });

  it.each([
    { name: 'a text', bytes: () => Buffer.from('mine') },
    { name: 'a long text', bytes: () => Buffer.alloc(500, 'mine ') },
    { name: 'an archive of the Go client', bytes: () => readFixture('ibft-ecdsa/backup.dat') },
  ])('is not $name, which stays', async ({ bytes }) => {
    const path = newPath();
    await writeFile(path, bytes());
    await expect(writeChunked(path, blocks, { resume: true })).rejects.toEqual(invalid({ offset: 0 }));
    expect(Buffer.compare(await readFile(path), bytes())).toBe(0);
  });

  it('is not one that is damaged before its end', async () => {
    const path = newPath();
    const altered = whole.slice();
    altered[200] = 77;
    await writeFile(path, altered);
    await truncate(path, 66 * 1_024 * 1_024);
    await expect(writeChunked(path, blocks, { resume: true })).rejects.toEqual(invalid({ offset: 92 }));
  });

  it('refuses blocks that do not follow', async () => {
    const path = newPath();
    await expect(writeChunked(path, [paddedBlock(1)])).rejects.toMatchObject({
      code: 'BLOCKCHAIN.BAD_SEQUENCE',
      detail: { number: 1, expected: 0 },
    });
    await expect(writeChunked(path, [], {})).rejects.toMatchObject({
      message: `open ${path}: file exists`,
    });
  });
});
