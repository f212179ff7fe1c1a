import { errorText } from '../../../../common/app-error.js';
import { commitFault } from '../../../../common/commit-fault.js';
import { BlockchainError } from '../../blockchain.errors.js';
import { corrupt } from '../durable/records.js';

/**
 * How LMDB says that it cannot make sense of its file, or that it found so earlier in a transaction. Not all of its errors
 * carry their code.
 */
const DAMAGE = /MDB_(CORRUPTED|PAGE_NOTFOUND|PANIC|INVALID|VERSION_MISMATCH|BAD_TXN)\b/;

/** How LMDB, or the system below it, says that nothing more can be written. */
const FULL = /MDB_MAP_FULL|No space left on device|Disk quota exceeded|File too large|ENOSPC|EDQUOT|EFBIG/;

/**
 * What the store fails with when LMDB or the file system failed; the one place where their errors are translated.
 * Ours go through as they are.
 */
export async function storeError(cause: unknown): Promise<BlockchainError> {
  const reason = await commitFault(cause);
  return reason instanceof BlockchainError ? reason : translate(reason);
}

/** The same for reads, which fail at once. */
export function readError(cause: unknown): BlockchainError {
  return cause instanceof BlockchainError ? cause : translate(cause);
}

function translate(cause: unknown): BlockchainError {
  const reason = errorText(cause);
  if (FULL.test(reason)) return new BlockchainError({ code: 'BLOCKCHAIN.STORE_FULL', reason }, cause);
  if (DAMAGE.test(reason)) return corrupt(undefined, reason, cause);
  return new BlockchainError({ code: 'BLOCKCHAIN.STORE_FAILED', reason }, cause);
}
