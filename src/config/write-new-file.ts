import { link } from 'node:fs/promises';
import { writeBeside } from './write-beside.js';

/**
 * Makes a file that is seen with all of its content or not at all, wherever the process is killed. What is there stays.
 * @throws the system's error, EEXIST when the file is there
 */
export async function writeNewFile(path: string, content: string | Uint8Array, mode = 0o666): Promise<void> {
  // As opposed to a renaming a link fails when the name is taken.
  const place = (unnamed: string) => link(unnamed, path);
  await writeBeside(path, mode, (file) => file.writeFile(content), place);
}
