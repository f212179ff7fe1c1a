import type { FileHandle } from 'node:fs/promises';
import { bytesAt, chunksOf, openArchiveFile } from './archive-file.js';
import type { ArchiveMetadata } from './archive-metadata.js';
import { type ArchiveHeader, Kind, MAGIC, readTrailer, TRAILER_BYTES } from './chunk-layout.js';
import { readArchive } from './read-archive.js';
import { blocksOf, readChunkedArchive } from './read-chunked-archive.js';

/** The most that `blockchain.maxBlockBytes` may be; the setting itself holds where blocks are inserted. */
export const MAX_ARCHIVED_BLOCK_BYTES = 64 * 1_024 * 1_024;

/** An archive of either format, to read once. */
export interface OpenArchive {
  /** `edge` is the Go client's. */
  readonly format: 'edge' | 'edgekeeper';
  readonly bytes: number;
  /** Of which chain it is and where it begins; the Go client's format does not say. */
  readonly header: ArchiveHeader | undefined;
  /** The last block by what the archive says itself; undefined in one of ours that is not finished. */
  readonly metadata: ArchiveMetadata | undefined;
  /**
   * RLP of each block in the order of the file; each belongs to the caller. Fails with BLOCKCHAIN.ARCHIVE_INVALID where the
   * file is cut off or is no archive; in our format also where it was altered.
   */
  readonly blocks: AsyncGenerator<Uint8Array, void, undefined>;
  close(): Promise<void>;
}

/**
 * Opens an archive; its first byte tells the format.
 * @throws {BlockchainError} BLOCKCHAIN.ARCHIVE_INVALID
 */
export async function openArchive(path: string): Promise<OpenArchive> {
  const file = await openArchiveFile(path);
  const close = () => file.close();
  try {
    const bytes = (await file.stat()).size;
    const options = { maxItemBytes: MAX_ARCHIVED_BLOCK_BYTES };
    if ((await bytesAt(file, path, 0, 1))[0] !== MAGIC[0]) {
      const { metadata, blocks } = await readArchive(chunksOf(file, path), options);
      return { format: 'edge', bytes, header: undefined, metadata, blocks, close };
    }
    const metadata = await endOf(file, path, bytes);
    const archive = await readChunkedArchive(chunksOf(file, path), options);
    return {
      format: 'edgekeeper',
      bytes,
      header: archive.header,
      metadata,
      blocks: blocksOf(archive),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What seems to be the trailer; that it is one is known once all before it is read. */
async function endOf(file: FileHandle, path: string, size: number): Promise<ArchiveMetadata | undefined> {
  const bytes = await bytesAt(file, path, Math.max(0, size - TRAILER_BYTES), TRAILER_BYTES);
  if (bytes.length < TRAILER_BYTES || bytes[0] !== Kind.TRAILER) return undefined;
  const metadata = readTrailer(bytes);
  return Number.isSafeInteger(metadata.latest) ? metadata : undefined;
}
