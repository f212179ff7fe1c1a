import { statfs } from 'node:fs/promises';

/** Bytes that can still be written to the file system of a folder; what quotas leave is not known. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
