import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { osErrorText } from '../../../common/os-error.js';
import { BlockchainError } from '../blockchain.errors.js';

const CHUNK_BYTES = 256 * 1_024;

/**
 * Opens an archive to read; the caller closes it.
 * @throws {BlockchainError} BLOCKCHAIN.ARCHIVE_INVALID
 * @remarks Differs: only regular files, since opening a pipe that nobody writes to could not be ended.
 */
export async function openArchive(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    throw unreadable('open', path, osErrorText(cause), cause);
  });
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw unreadable('open', path, 'not a regular file');
}

/** The file from its start, in chunks. @throws {BlockchainError} BLOCKCHAIN.ARCHIVE_INVALID */
export async function* chunksOf(file: FileHandle, path: string): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { bytesRead, buffer } = await file
      .read({ buffer: new Uint8Array(CHUNK_BYTES) })
      .catch((cause: unknown) => {
        throw unreadable('read', path, osErrorText(cause), cause);
      });
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

function unreadable(action: string, path: string, reason: string, cause?: unknown): BlockchainError {
  return new BlockchainError(
    { code: 'BLOCKCHAIN.ARCHIVE_INVALID', reason: `${action} ${path}: ${reason}` },
    cause,
  );
}
