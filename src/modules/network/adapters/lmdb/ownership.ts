import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { osErrorCode } from '../../../../common/os-error.js';
import { isOwnerAlive, ownerRecord } from '../../../../common/owner-record.js';
import { NetworkError } from '../../network.errors.js';

const CLAIM = /^owner\.\d+$/;

/**
 * Takes the folder, made when missing, for this opening of the store alone; the claims of processes that were killed go.
 * A claim is a file beside the environment, whose own file may have to be looked into and set aside before LMDB may open
 * it. Each process has a file of its own and looks for others before and after it writes that one, so that of two
 * none overlooks the other: two that begin at the same moment may both be refused. Nothing here waits, so that two
 * openings in one process come one after the other.
 * @returns Gives it back.
 * @throws {NetworkError} NETWORK.STORE_LOCKED, before anything was written; errors of the file system as they are
 */
export function claim(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const own = `owner.${process.pid}`;
  const left = abandonedClaims(folder);
  const release = () => rmSync(join(folder, own), { force: true });
  try {
    writeFileSync(join(folder, own), ownerRecord(), { mode: 0o600 });
    abandonedClaims(folder, own);
  } catch (error) {
    release();
    throw error;
  }
  for (const name of left) if (name !== own) rmSync(join(folder, name), { force: true });
  return release;
}

/** @throws {NetworkError} NETWORK.STORE_LOCKED when a claim but `own` holds */
function abandonedClaims(folder: string, own?: string): readonly string[] {
  const claims = readdirSync(folder).filter((name) => CLAIM.test(name) && name !== own);
  const isHeld = claims.some((name) => isOwnerAlive(contentIfThere(join(folder, name))));
  if (isHeld) throw new NetworkError({ code: 'NETWORK.STORE_LOCKED', path: folder });
  return claims;
}

function contentIfThere(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    if (osErrorCode(error) === 'ENOENT') return Buffer.of();
    throw error;
  }
}
