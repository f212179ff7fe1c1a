import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { corrupt } from '../durable/records.js';
import { isLogBroken } from './level-log.js';

const DATA_FILE = /^\d+\.(log|ldb|sst)$/;

/**
 * Makes the folder, and sees to it that LevelDB takes what is in it for a database: without its file CURRENT it would
 * begin a new one and delete the rest, and of a damaged log it takes what is left.
 * @returns Bytes of the files with data; 0 when there are none.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_CORRUPT; errors of the file system as they are
 */
export async function prepareLevelFolder(path: string): Promise<number> {
  await mkdir(path, { recursive: true });
  const names = await readdir(path);
  const data = names.filter((name) => DATA_FILE.test(name));
  if (data.length > 0 && !names.includes('CURRENT')) throw corrupt(undefined, 'its file CURRENT is missing');
  for (const name of data.filter((each) => each.endsWith('.log'))) {
    if (isLogBroken(await readFile(join(path, name))))
      throw corrupt(undefined, `its file ${name} is damaged`);
  }
  const sizes = await Promise.all(data.map(async (name) => (await stat(join(path, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
