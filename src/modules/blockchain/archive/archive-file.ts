import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { osErrorText } from '../../../common/os-error.js';
import { BlockchainError } from '../blockchain.errors.js';

const CHUNK_BYTES = 256 * 1_024;

/**
 * Opens a file; the caller closes it.
 * @throws {BlockchainError} BLOCKCHAIN.ARCHIVE_INVALID
 * @remarks Differs: only regular files, since opening a pipe that nobody writes to could not be ended.
 */
export async function openArchiveFile(
  path: string,
  flags: number = constants.O_RDONLY,
  mode?: number,
): Promise<FileHandle> {
  const file = await open(path, flags | constants.O_NONBLOCK, mode).catch((cause: unknown) => {
    throw fileFault('open', path, cause);
  });
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw faultOf(`open ${path}: not a regular file`);
}

/** The file from its start, in chunks. @throws {BlockchainError} BLOCKCHAIN.ARCHIVE_INVALID */
export async function* chunksOf(file: FileHandle, path: string): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { bytesRead, buffer } = await file
      .read({ buffer: new Uint8Array(CHUNK_BYTES) })
      .catch((cause: unknown) => {
        throw fileFault('read', path, cause);
      });
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Up to `length` bytes from a place of the file; where {@link chunksOf} reads on is not moved. */
export async function bytesAt(
  file: FileHandle,
  path: string,
  position: number,
  length: number,
): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file
    .read(new Uint8Array(length), 0, length, position)
    .catch((cause: unknown) => {
      throw fileFault('read', path, cause);
    });
  return buffer.subarray(0, bytesRead);
}

/** An operation on an archive's file that the system refused: a fault of no place in the archive. */
export function fileFault(action: string, path: string, cause: unknown): BlockchainError {
  return faultOf(`${action} ${path}: ${osErrorText(cause)}`, cause);
}

function faultOf(reason: string, cause?: unknown): BlockchainError {
  return new BlockchainError({ code: 'BLOCKCHAIN.ARCHIVE_INVALID', reason }, cause);
}
