import { LmdbFileFault, prepareLmdbFile } from '../../../../common/lmdb-file.js';
import { corrupt } from './records.js';

/**
 * Makes the folder, and sees to it that LMDB can open what is in it.
 * @returns How many bytes the file has; 0 when it is new.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_CORRUPT; errors of the file system as they are
 */
export async function prepareDataFile(folder: string): Promise<number> {
  try {
    return await prepareLmdbFile(folder);
  } catch (error) {
    if (error instanceof LmdbFileFault) throw corrupt(undefined, error.message, error);
    throw error;
  }
}
