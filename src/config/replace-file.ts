import { realpath, rename, stat } from 'node:fs/promises';
import { writeBeside } from './write-beside.js';

/** While it is written; then it gets those of the file in whose place it comes. */
const MODE = 0o600;

/**
 * Gives a file that is there another content: whoever reads it sees the old one or the new one, never a part. Its
 * owner and rights stay, and a link goes on to lead to it.
 * @throws the system's error; the file is then as it was
 */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const target = await realpath(path);
  const { mode, uid, gid } = await stat(target);
  await writeBeside(
    target,
    MODE,
    async (file) => {
      await file.writeFile(content);
      const made = await file.stat();
      if (made.uid !== uid || made.gid !== gid) await file.chown(uid, gid);
      await file.chmod(mode & 0o7777);
    },
    (unnamed) => rename(unnamed, target),
  );
}
