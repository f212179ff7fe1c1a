import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ARCHIVE_HEADER, LATEST_HASH, paddedBlock, writeChunked } from '../../../../test/support/archives.js';
import { NETWORKS, readBackup, readFixture } from '../../../../test/support/fixtures.js';
import { concatBytes } from '../../../common/bytes.js';
import { archiveMetadata } from './archive-metadata.js';
import { openArchive } from './open-archive.js';
import { type Chunk, readChunkedArchive } from './read-chunked-archive.js';

const RUNS = { numRuns: 150, seed: 5 };
const maxItemBytes = 2 * 1_024 * 1_024;

let folder: string;
let files = 0;
/** Two full chunks and one that is not. */
let blocks: readonly Uint8Array[];
let whole: Uint8Array;
let chunks: readonly Chunk[];

const newPath = () => join(folder, `${files++}.eka`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgekeeper-archive-'));
  blocks = Array.from({ length: 540 }, (_, number) => paddedBlock(number));
  whole = await writeChunked(newPath(), blocks, { latestHash: LATEST_HASH });
  ({ chunks } = await readAll(whole));
});

afterAll(() => rm(folder, { recursive: true }));

async function* inPieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** All that can be read, and the failure that ended it. */
async function readAll(bytes: Uint8Array, pieceBytes = 65_536) {
  const read: Chunk[] = [];
  try {
    const archive = await readChunkedArchive(inPieces(bytes, pieceBytes), { maxItemBytes });
    for (;;) {
      const { done, value } = await archive.chunks.next();
      if (done) return { header: archive.header, chunks: read, metadata: value };
      read.push(value);
    }
  } catch (error) {
    return { chunks: read, error };
  }
}

const invalid = (detail: object = {}) =>
  expect.objectContaining({ code: 'BLOCKCHAIN.ARCHIVE_INVALID', detail: expect.objectContaining(detail) });

/** Header, chunks and trailer. */
function parts(): Uint8Array[] {
  const starts = [0, ...chunks.map(({ offset }) => offset), chunks.at(-1)?.end ?? 0];
  return starts.map((start, index) => whole.subarray(start, starts[index + 1]));
}

describe(readChunkedArchive.name, () => {
  it.each([1_000, 65_536, 10_000_000])(
    'gives what was written, from pieces of %d bytes',
    async (pieceBytes) => {
      const read = await readAll(whole, pieceBytes);
      expect(read.error).toBeUndefined();
      expect(read.header).toEqual(ARCHIVE_HEADER);
      expect(read.metadata).toEqual({ latest: blocks.length - 1, latestHash: LATEST_HASH });
      const all = read.chunks.flatMap((chunk) => chunk.blocks);
      expect(all).toHaveLength(blocks.length);
      expect(Buffer.compare(concatBytes(all), concatBytes(blocks))).toBe(0);
    },
  );

  it('ends chunks at 256 blocks, and before the block that would bring them above 1 MiB', async () => {
    const sizes = [...new Array(300).fill(0), 400_000, 400_000, 400_000, 1_100_000, 10, 1_046_000, 2_000];
    const large = sizes.map((bytes, number) => paddedBlock(number, bytes));
    const { chunks } = await readAll(await writeChunked(newPath(), large, { latestHash: LATEST_HASH }));
    expect(chunks.map(({ from, blocks }) => [from, blocks.length])).toEqual([
      [0, 256],
      [256, 46],
      [302, 1],
      [303, 1],
      [304, 2],
      [306, 1],
    ]);
  });

  it('notices every cut, and gives the whole chunks before it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: whole.length - 1 }), async (length) => {
        const read = await readAll(whole.subarray(0, length));
        expect(read.error).toEqual(invalid());
        expect(read.chunks).toHaveLength(chunks.filter(({ end }) => end <= length).length);
      }),
      { ...RUNS, examples: [[0], [1], [91], [92], [93], [whole.length - 1]] },
    );
  });

  it('notices every flipped bit, and gives nothing of what it is in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 7 }), async (at, bit) => {
        const altered = whole.slice();
        altered[at] = (altered[at] ?? 0) ^ (1 << bit);
        const read = await readAll(altered);
        expect(read.error).toEqual(invalid());
        expect(read.chunks).toHaveLength(chunks.filter(({ end }) => end <= at).length);
      }),
      // Every bit of the header and of a chunk's head.
      { ...RUNS, examples: Array.from({ length: 92 + 17 }, (_, at) => [at, at % 8]) },
    );
  });

  it('notices parts that are removed, repeated or exchanged', async () => {
    const part = fc.nat({ max: parts().length - 1 });
    await fc.assert(
      fc.asyncProperty(part, part, fc.constantFrom('remove', 'repeat', 'exchange'), async (a, b, change) => {
        const altered = parts();
        if (change === 'remove') altered.splice(a, 1);
        if (change === 'repeat') altered.splice(a, 0, ...altered.slice(b, b + 1));
        if (change === 'exchange') {
          fc.pre(a !== b);
          const [first, second] = [altered[a], altered[b]];
          if (first && second) [altered[a], altered[b]] = [second, first];
        }
        expect((await readAll(concatBytes(altered))).error).toEqual(invalid());
      }),
      RUNS,
    );
  });

  it('notices bytes behind the trailer', async () => {
    const read = await readAll(concatBytes([whole, Uint8Array.of(0)]));
    expect(read.error).toEqual(invalid({ offset: whole.length }));
  });

  it('reads no chunk that claims more than chunks hold', async () => {
    const [start, first] = parts();
    for (const [at, value] of [
      [9, 257],
      [9, 0],
      [13, 1_048_577],
      [13, 0xffff_ffff],
    ] as const) {
      const altered = Buffer.from(concatBytes([start ?? whole, first ?? whole]));
      altered.writeUInt32BE(value, 92 + at);
      const read = await readAll(altered);
      expect(read.error).toEqual(invalid({ offset: 92, reason: expect.stringMatching(/^a chunk of/) }));
    }
  });

  it('refuses versions that are not known', async () => {
    const altered = Buffer.from(whole);
    altered.writeUInt32BE(2, 8);
    expect((await readAll(altered)).error).toEqual(invalid({ reason: expect.stringContaining('version 2') }));
  });
});

describe('the archives of the Go client', () => {
  it.each(NETWORKS)('of %s come back byte for byte from ours', async (network) => {
    const { metadata, blocks: recorded } = readBackup(network);
    const path = newPath();
    await writeChunked(path, recorded, { latestHash: metadata.latestHash });
    const archive = await openArchive(path);
    const back: Uint8Array[] = [];
    for await (const block of archive.blocks) back.push(block);
    await archive.close();
    expect(archive).toMatchObject({ format: 'edgekeeper', metadata, header: ARCHIVE_HEADER });
    const edge = concatBytes([archiveMetadata(archive.metadata ?? metadata), ...back]);
    expect(Buffer.compare(edge, readFixture(`${network}/backup.dat`))).toBe(0);
  });
});
