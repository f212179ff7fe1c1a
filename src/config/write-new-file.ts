import { link, mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Makes a file that is seen with all of its content or not at all, wherever the process is killed. What is there stays.
 * @throws the system's error, EEXIST when the file is there
 */
export async function writeNewFile(path: string, content: string | Uint8Array, mode = 0o666): Promise<void> {
  // In the same folder: a name cannot be given across file systems.
  const folder = await mkdtemp(`${path}.`);
  try {
    const unnamed = join(folder, 'new');
    const file = await open(unnamed, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    // As opposed to a renaming it fails when the name is taken.
    await link(unnamed, path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
