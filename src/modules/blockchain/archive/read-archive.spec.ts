import { describe, expect, it } from '@jest/globals';
import { NETWORKS, readBackup, readFixture } from '../../../../test/support/fixtures.js';
import { concatBytes } from '../../../common/bytes.js';
import { encodeBytes, encodeList, encodeUint } from '../rlp/rlp.js';
import { archiveMetadata } from './archive-metadata.js';
import { readArchive } from './read-archive.js';

const maxItemBytes = 4_194_304;
const hash = new Uint8Array(32).fill(5);
const metadata = archiveMetadata({ latest: 3, latestHash: hash });

async function* inChunks(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

/** All that can be read, and the failure that ended it. */
async function readAll(bytes: Uint8Array, { chunkBytes = 1_000, maxItemBytes: max = maxItemBytes } = {}) {
  const blocks: Uint8Array[] = [];
  try {
    const archive = await readArchive(inChunks(bytes, chunkBytes), { maxItemBytes: max });
    for await (const block of archive.blocks) blocks.push(block);
    return { metadata: archive.metadata, blocks };
  } catch (error) {
    return { blocks, error };
  }
}

const invalidAt = (offset: number) =>
  expect.objectContaining({
    code: 'BLOCKCHAIN.ARCHIVE_INVALID',
    detail: expect.objectContaining({ offset }),
  });

describe(archiveMetadata.name, () => {
  it.each(NETWORKS)('writes what the Go client wrote for %s', (network) => {
    const written = archiveMetadata(readBackup(network).metadata);
    expect(Buffer.compare(written, readFixture(`${network}/backup.dat`).subarray(0, written.length))).toBe(0);
  });

  it('writes height 0 as the empty string', () => {
    expect(archiveMetadata({ latest: 0, latestHash: hash }).subarray(0, 3)).toEqual(
      Uint8Array.of(0xe2, 0x80, 0xa0),
    );
  });
});

describe(readArchive.name, () => {
  it.each(NETWORKS)('gives the blocks of %s', async (network) => {
    const recorded = readBackup(network);
    const read = await readAll(readFixture(`${network}/backup.dat`), { chunkBytes: 65_536 });
    expect(read.error).toBeUndefined();
    expect(read.metadata).toEqual(recorded.metadata);
    expect(read.blocks).toHaveLength(recorded.blocks.length);
    expect(Buffer.compare(concatBytes(read.blocks), concatBytes(recorded.blocks))).toBe(0);
  });

  const { blocks } = readBackup('ibft-ecdsa');
  const items = [metadata, ...blocks.slice(0, 3), Uint8Array.of(0xc0)];
  const small = concatBytes(items);

  it.each([1, 2, 3, 38, 700, 1_000_000])('reads chunks of %d bytes', async (chunkBytes) => {
    expect(await readAll(small, { chunkBytes })).toEqual({
      metadata: { latest: 3, latestHash: hash },
      blocks: [...blocks.slice(0, 3), Uint8Array.of(0xc0)],
    });
  });

  it('gives blocks that share no memory', async () => {
    const { blocks: read } = await readAll(small, { chunkBytes: small.length });
    expect(new Set(read.map(({ buffer }) => buffer)).size).toBe(read.length);
  });

  it('notices every place where the file may be cut off, and gives the whole blocks before it', async () => {
    const starts = items.map((_, index) => concatBytes(items.slice(0, index)).length);
    for (let length = 0; length < small.length; length++) {
      const { blocks: read, error } = await readAll(small.subarray(0, length), { chunkBytes: 300 });
      const whole = starts.filter((start) => start <= length).length - 1;
      expect(read).toHaveLength(Math.max(0, whole - 1));
      const torn = starts[whole] ?? 0;
      // Between two blocks the reader cannot tell; what the metadata says is for its caller to compare.
      expect(error).toEqual(length === torn && length > 0 ? undefined : invalidAt(torn));
    }
  });

  it.each([
    ['text', Buffer.from('this is no archive')],
    ['a compressed file', Uint8Array.of(0x1f, 0x8b, 8, 0)],
    ['JSON', Buffer.from('{}')],
    ['an RLP string', encodeBytes(hash)],
    ['blocks without metadata', concatBytes(blocks.slice(0, 2))],
    ['metadata of one item', encodeList([encodeUint(3)])],
    ['metadata of three items', encodeList([encodeUint(3), encodeBytes(hash), encodeUint(3)])],
    ['a height above 2^53-1', encodeList([encodeUint(2n ** 53n), encodeBytes(hash)])],
    ['a short hash', archiveMetadata({ latest: 3, latestHash: hash.subarray(1) })],
    ['a length with leading zeros', Uint8Array.of(0xf9, 0, 60, 0)],
    ['a long form of a short length', Uint8Array.of(0xf8, 5, 0)],
    ['a length that no file has', new Uint8Array(64).fill(0xff)],
  ])('refuses %s', async (_, bytes) => {
    expect((await readAll(new Uint8Array(bytes))).error).toEqual(invalidAt(0));
  });

  it('refuses junk in front of an archive, and between blocks', async () => {
    expect((await readAll(concatBytes([Uint8Array.of(1), small]))).error).toEqual(invalidAt(0));
    const between = concatBytes([...items.slice(0, 3), Uint8Array.of(0x80), ...items.slice(3)]);
    expect(await readAll(between)).toEqual({
      blocks: blocks.slice(0, 2),
      error: invalidAt(concatBytes(items.slice(0, 3)).length),
    });
  });

  it('refuses an item that is too large before it takes its bytes', async () => {
    let taken = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield concatBytes([metadata, Uint8Array.of(0xfa, 0x10, 0, 0)]);
      for (;;) {
        taken += 1;
        yield new Uint8Array(1_000);
      }
    }
    const { blocks } = await readArchive(endless(), { maxItemBytes: 1_000_000 });
    await expect(blocks.next()).rejects.toEqual(invalidAt(metadata.length));
    expect(taken).toBe(0);
  });

  it('takes an item of exactly the largest size', async () => {
    const item = encodeList([new Uint8Array(996)]);
    const bytes = concatBytes([metadata, item]);
    expect(await readAll(bytes, { maxItemBytes: item.length })).toMatchObject({ blocks: [item] });
    expect(await readAll(bytes, { maxItemBytes: item.length - 1 })).toEqual({
      blocks: [],
      error: invalidAt(metadata.length),
    });
  });

  it('passes a failure of the source on', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield metadata;
      throw new Error('disk');
    }
    const { blocks } = await readArchive(failing(), { maxItemBytes });
    await expect(blocks.next()).rejects.toThrow('disk');
  });
});
