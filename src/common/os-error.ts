import { errorText } from './app-error.js';

const TEXTS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
  ENOTDIR: 'not a directory',
  EEXIST: 'file exists',
  EROFS: 'read-only file system',
  ENOSPC: 'no space left on device',
};

/** The `code` of a failed system call, such as `ENOENT`. */
export function osErrorCode(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** What the system said of a failed file operation, in the words that Go programs print. */
export function osErrorText(error: unknown): string {
  return TEXTS[osErrorCode(error) ?? ''] ?? errorText(error);
}
