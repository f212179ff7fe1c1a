import type { FileHandle } from 'node:fs/promises';
import { bytesEqual } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { bytesAt, chunksOf } from './archive-file.js';
import {
  type ArchiveHeader,
  CHUNK_HEAD_BYTES,
  DIGEST_BYTES,
  HEADER_BYTES,
  MAGIC,
  MAX_CHUNK_BLOCKS,
} from './chunk-layout.js';
import { MAX_ARCHIVED_BLOCK_BYTES } from './open-archive.js';
import { type Chunk, type ChunkedArchive, readChunkedArchive } from './read-chunked-archive.js';

/** No chunk is longer; what is wrong this near to the end of a file is what an interrupted write left. */
const MAX_TORN_BYTES = CHUNK_HEAD_BYTES + MAX_ARCHIVED_BLOCK_BYTES + DIGEST_BYTES;

/** What of a file can be gone on with. */
export interface FoundArchive {
  readonly header: ArchiveHeader;
  /** What is behind is written anew. */
  readonly keptBytes: number;
  /** What the digest of the next chunk covers. */
  readonly digest: Uint8Array;
  /** Height of the block after those in `keptBytes`. */
  readonly next: number;
  /** Blocks of a last chunk that may take more; they are not in `keptBytes`. */
  readonly open: readonly Uint8Array[];
  /** The newest of all these. */
  readonly lastBlock: Uint8Array | undefined;
  readonly isFinished: boolean;
}

/**
 * Verifies an archive that is to be gone on with. Undefined when the file has not even a header, all of it empty or torn.
 * @throws {BlockchainError} BLOCKCHAIN.ARCHIVE_INVALID when it is no archive of our format, or is damaged elsewhere than at
 * its end
 */
export async function findArchive(file: FileHandle, path: string): Promise<FoundArchive | undefined> {
  const start = await bytesAt(file, path, 0, HEADER_BYTES);
  if (start.length < HEADER_BYTES && isPrefix(start.subarray(0, MAGIC.length), MAGIC)) return undefined;
  const { size } = await file.stat();
  const archive = await readChunkedArchive(chunksOf(file, path), { maxItemBytes: MAX_ARCHIVED_BLOCK_BYTES });
  const { last, before, isFinished } = await lastChunkOf(archive, size);
  const { header } = archive;
  const lastBlock = last?.blocks.at(-1);
  if (last !== undefined && last.blocks.length < MAX_CHUNK_BLOCKS) {
    const { offset, from, blocks } = last;
    return { header, keptBytes: offset, digest: before, next: from, open: blocks, lastBlock, isFinished };
  }
  return {
    header,
    keptBytes: last?.end ?? HEADER_BYTES,
    digest: last?.digest ?? before,
    next: last === undefined ? header.from : last.from + last.blocks.length,
    open: [],
    lastBlock,
    isFinished,
  };
}

interface LastChunk {
  readonly last: Chunk | undefined;
  /** The digest before it; the header's when there is no chunk. */
  readonly before: Uint8Array;
  readonly isFinished: boolean;
}

async function lastChunkOf({ chunks, digest }: ChunkedArchive, size: number): Promise<LastChunk> {
  let last: Chunk | undefined;
  let before = digest;
  try {
    for await (const chunk of chunks) {
      before = last?.digest ?? digest;
      last = chunk;
    }
    return { last, before, isFinished: true };
  } catch (error) {
    if (isTorn(error, size)) return { last, before, isFinished: false };
    throw error;
  }
}

function isTorn(error: unknown, size: number): boolean {
  if (!(error instanceof BlockchainError) || error.detail.code !== 'BLOCKCHAIN.ARCHIVE_INVALID') return false;
  const { offset } = error.detail;
  return offset !== undefined && size - offset <= MAX_TORN_BYTES;
}

function isPrefix(bytes: Uint8Array, whole: Uint8Array): boolean {
  return bytesEqual(bytes, whole.subarray(0, bytes.length));
}
