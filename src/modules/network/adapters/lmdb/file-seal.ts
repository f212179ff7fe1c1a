import { createReadStream } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { LmdbFileFault } from '../../../../common/lmdb-file.js';
import { osErrorCode } from '../../../../common/os-error.js';

const DATA = 'data.mdb';
const SEAL = 'data.mdb.crc32';

/**
 * Keeps the digest of the whole file beside it. LMDB trusts its pages: a damaged page header ends the process, at each
 * start anew, before any record's digest is looked at.
 */
export async function sealFile(folder: string): Promise<void> {
  const digest = await digestOf(join(folder, DATA));
  // A seal that is half written would condemn a sound file.
  await writeFile(join(folder, `${SEAL}.new`), digest, { mode: 0o600 });
  await rename(join(folder, `${SEAL}.new`), join(folder, SEAL));
}

/**
 * Compares the file with its seal, which then no longer holds, and removes it. After a kill there is none: then nothing is
 * known, and LMDB's own safety must do.
 * @throws {LmdbFileFault} when the file is not what was sealed
 */
export async function breakSeal(folder: string): Promise<void> {
  const sealed = await contentIfThere(join(folder, SEAL));
  if (sealed === undefined) return;
  const digest = await digestOf(join(folder, DATA));
  await rm(join(folder, SEAL));
  if (digest !== sealed) throw new LmdbFileFault('its file is not what it was when it was closed');
}

async function contentIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (osErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function digestOf(path: string): Promise<string> {
  let digest = 0;
  for await (const chunk of createReadStream(path)) digest = crc32(chunk, digest);
  return digest.toString(16).padStart(8, '0');
}
