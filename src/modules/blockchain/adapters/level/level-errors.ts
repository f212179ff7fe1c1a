import { errorText } from '../../../../common/app-error.js';
import { BlockchainError } from '../../blockchain.errors.js';
import { corrupt } from '../durable/records.js';

const FULL = /No space left on device|Disk quota exceeded|File too large/;
/** A file that is missing is damage: the folder was looked at before LevelDB was. */
const DAMAGE = /\bCorruption: |No such file or directory/;

/**
 * What the store fails with when LevelDB or the file system failed; the one place where their errors are translated.
 * Ours go through as they are.
 * @param path The store's folder.
 */
export function levelError(cause: unknown, path: string): BlockchainError {
  if (cause instanceof BlockchainError) return cause;
  // Opening wraps what went wrong.
  const { code, message } = innermost(cause);
  if (code === 'LEVEL_LOCKED') return new BlockchainError({ code: 'BLOCKCHAIN.STORE_LOCKED', path }, cause);
  if (FULL.test(message))
    return new BlockchainError({ code: 'BLOCKCHAIN.STORE_FULL', reason: message }, cause);
  if (code === 'LEVEL_CORRUPTION' || DAMAGE.test(message)) return corrupt(undefined, message, cause);
  return new BlockchainError({ code: 'BLOCKCHAIN.STORE_FAILED', reason: message }, cause);
}

function innermost(error: unknown): { readonly code: unknown; readonly message: string } {
  // Not `instanceof Error`: LevelDB's own errors are made outside of the context they are thrown in.
  const { cause, code } = Object(error) as { cause?: unknown; code?: unknown };
  return cause === undefined ? { code, message: errorText(error) } : innermost(cause);
}
