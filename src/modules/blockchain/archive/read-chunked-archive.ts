import { bytesEqual, concatBytes } from '../../../common/bytes.js';
import { archiveFault } from './archive-fault.js';
import type { ArchiveMetadata } from './archive-metadata.js';
import { ByteQueue } from './byte-queue.js';
import {
  type ArchiveHeader,
  CHUNK_HEAD_BYTES,
  checkSeal,
  DIGEST_BYTES,
  decodeArchiveHeader,
  decodeChunkHead,
  HEADER_BYTES,
  Kind,
  readTrailer,
  sha256,
  TRAILER_BYTES,
} from './chunk-layout.js';
import type { ReadArchiveOptions } from './read-archive.js';
import { splitBlocks } from './split-blocks.js';

/** A chunk whose digest is right. */
export interface Chunk {
  /** Where it begins, bytes from the start of the archive. */
  readonly offset: number;
  /** Where it ends. */
  readonly end: number;
  readonly from: number;
  /** RLP of each block, not looked into; each belongs to the caller. */
  readonly blocks: readonly Uint8Array[];
  /** What the digest of the next chunk covers. */
  readonly digest: Uint8Array;
}

export interface ChunkedArchive {
  readonly header: ArchiveHeader;
  /** What the digest of the first chunk covers. */
  readonly digest: Uint8Array;
  /**
   * Every chunk in turn, and the trailer in the end. Fails with BLOCKCHAIN.ARCHIVE_INVALID at the first one that is cut
   * off, altered, out of its place or missing, and where the file goes on after the trailer.
   */
  readonly chunks: AsyncGenerator<Chunk, ArchiveMetadata, undefined>;
}

/**
 * Reads an archive of our own format (docs/archive.md) as it streams in. Holds one chunk, and one piece of the source.
 * @throws {BlockchainError} BLOCKCHAIN.ARCHIVE_INVALID when it does not begin with a header
 */
export async function readChunkedArchive(
  source: AsyncIterable<Uint8Array>,
  { maxItemBytes }: ReadArchiveOptions,
): Promise<ChunkedArchive> {
  const queue = new ByteQueue(source);
  const bytes = await queue.take(HEADER_BYTES);
  const header = decodeArchiveHeader(bytes);
  const digest = bytes.slice(-DIGEST_BYTES);
  return { header, digest, chunks: chunksOf(queue, header.from, digest, maxItemBytes) };
}

/** All blocks, one after another. */
export async function* blocksOf({ chunks }: ChunkedArchive): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const { blocks } of chunks) yield* blocks;
}

async function* chunksOf(
  queue: ByteQueue,
  from: number,
  headerDigest: Uint8Array,
  maxBlockBytes: number,
): ChunkedArchive['chunks'] {
  let next = from;
  let digest = headerDigest;
  try {
    for (;;) {
      const offset = queue.offset;
      const kind = await queue.take(1);
      if (kind[0] === Kind.TRAILER && next === from) throw archiveFault(offset, 'an archive without blocks');
      if (kind[0] === Kind.TRAILER) return await takeTrailer(queue, kind, next, digest);
      if (kind.length === 0) throw archiveFault(offset, 'the archive is not finished');
      if (kind[0] !== Kind.CHUNK) throw archiveFault(offset, 'neither a chunk nor the trailer');
      const head = concatBytes([kind, await takeAll(queue, CHUNK_HEAD_BYTES - 1, offset)]);
      const { from: first, count, length } = decodeChunkHead(head, offset, maxBlockBytes);
      const payload = await takeAll(queue, length, offset);
      const expected = sha256(digest, head, payload);
      if (!bytesEqual(await takeAll(queue, DIGEST_BYTES, offset), expected)) {
        throw archiveFault(offset, 'the chunk does not match its digest, or is not in its place');
      }
      if (first !== next) throw archiveFault(offset, `a chunk from block ${first} on instead of ${next}`);
      const blocks = split(payload, count, offset);
      yield { offset, end: queue.offset, from: first, blocks, digest: expected };
      next += count;
      digest = expected;
    }
  } finally {
    await queue.end();
  }
}

async function takeTrailer(
  queue: ByteQueue,
  kind: Uint8Array,
  next: number,
  digest: Uint8Array,
): Promise<ArchiveMetadata> {
  const offset = queue.offset - kind.length;
  const trailer = concatBytes([kind, await takeAll(queue, TRAILER_BYTES - 1, offset)]);
  checkSeal(trailer, digest, offset, 'trailer');
  const metadata = readTrailer(trailer);
  if (metadata.latest !== next - 1) {
    throw archiveFault(
      offset,
      `the trailer names block ${metadata.latest}, the last chunk ends before ${next}`,
    );
  }
  const end = queue.offset;
  if ((await queue.take(1)).length > 0) throw archiveFault(end, 'the file goes on after the trailer');
  return metadata;
}

async function takeAll(queue: ByteQueue, length: number, offset: number): Promise<Uint8Array> {
  const bytes = await queue.take(length);
  if (bytes.length === length) return bytes;
  throw archiveFault(offset, `the file ends ${queue.offset - offset} bytes into what begins here`);
}

/** Blocks of a chunk; only one that was made wrongly, with digests that are right, can fail here. */
function split(payload: Uint8Array, count: number, offset: number): Uint8Array[] {
  let blocks: Uint8Array[];
  try {
    blocks = splitBlocks(payload);
  } catch (cause) {
    throw archiveFault(offset, 'something in the chunk is no block', cause);
  }
  if (blocks.length === count) return blocks;
  throw archiveFault(offset, `${blocks.length} blocks in a chunk of ${count}`);
}
