import { usageError } from '../command-context.js';
import { type Given, textOf } from '../flags.js';

/** The data folder that a `secrets` command works on. @throws {CommanderError} when there is none, or a manager is asked for */
export function requireLocal(given: Given): string {
  const dataDir = textOf(given, 'data-dir');
  const config = textOf(given, 'config');
  if (config !== '')
    throw usageError('unsupported secrets manager: only local keys in --data-dir are supported');
  if (dataDir === '') throw usageError('no config file or data directory passed in');
  return dataDir;
}
