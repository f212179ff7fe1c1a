import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Fills a file that nobody looks for, beside `path`, and then has `place` give it the name. Nothing else is left there,
 * whatever fails.
 */
export async function writeBeside(
  path: string,
  mode: number,
  fill: (file: FileHandle) => Promise<void>,
  place: (unnamed: string) => Promise<void>,
): Promise<void> {
  // In the same folder: a name cannot be given across file systems.
  const folder = await mkdtemp(`${path}.`);
  try {
    const unnamed = join(folder, 'new');
    const file = await open(unnamed, 'wx', mode);
    try {
      await fill(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await place(unnamed);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
