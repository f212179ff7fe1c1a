import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { openArchiveFile } from './archive-file.js';
import { type FoundArchive, findArchive } from './find-archive.js';

const FILE_MODE = 0o644;
const { O_APPEND, O_CREAT, O_EXCL, O_RDWR } = constants;

/** A file that is to become an archive of our format. */
export interface ArchiveDraft {
  readonly path: string;
  readonly file: FileHandle;
  /** What it holds already. */
  readonly found: FoundArchive | undefined;
}

/**
 * Makes a new file, or with `resume` opens the one that is there and verifies it. Nothing is written yet; the caller closes
 * the file.
 * @throws {BlockchainError} BLOCKCHAIN.ARCHIVE_INVALID, also for a file that is there and not to be resumed
 */
export async function openDraft(path: string, { resume }: { resume: boolean }): Promise<ArchiveDraft> {
  const flags = O_RDWR | O_APPEND | O_CREAT | (resume ? 0 : O_EXCL);
  const file = await openArchiveFile(path, flags, FILE_MODE);
  try {
    return { path, file, found: resume ? await findArchive(file, path) : undefined };
  } catch (error) {
    await file.close();
    throw error;
  }
}
