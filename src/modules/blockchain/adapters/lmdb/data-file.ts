import { LmdbFileFault, prepareLmdbFile } from '../../../../common/lmdb-file.js';
import { corrupt, decodeNumberRecord } from '../durable/records.js';
import { isCorrupt } from '../durable/stored-extent.js';
import { checkPages } from './check-pages.js';
import type { VisitEntry } from './page-walk.js';

export interface DataFile {
  /** How many bytes the file has; 0 when it is new. */
  readonly bytes: number;
  /** Whether a record of a hash is damaged: its key may be what is damaged, and the hash not be found. */
  readonly hashesAreDamaged: boolean;
}

/**
 * Makes the folder, and sees to it that LMDB can open what is in it and follow its pages.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_CORRUPT; errors of the file system as they are
 */
export async function prepareDataFile(folder: string): Promise<DataFile> {
  try {
    const bytes = await prepareLmdbFile(folder);
    let hashesAreDamaged = false;
    if (bytes > 0) {
      const noteDamage: VisitEntry = ({ key, value }) => {
        hashesAreDamaged ||= !isWhole(key, value());
      };
      await checkPages(folder, (table) => (table === 'hashes' ? noteDamage : undefined));
    }
    return { bytes, hashesAreDamaged };
  } catch (error) {
    if (error instanceof LmdbFileFault) throw corrupt(undefined, error.message, error);
    throw error;
  }
}

function isWhole(hash: Uint8Array, record: Uint8Array): boolean {
  try {
    decodeNumberRecord(hash, record);
    return true;
  } catch (error) {
    if (isCorrupt(error)) return false;
    throw error;
  }
}
