import { errorText } from '../../../../common/app-error.js';
import { commitFault } from '../../../../common/commit-fault.js';
import { NetworkError } from '../../network.errors.js';

/**
 * What the store fails with, whatever failed in it; the one place where errors of LMDB and the file system are translated.
 * Ours go through as they are.
 */
export async function storeFailed(cause: unknown): Promise<NetworkError> {
  if (cause instanceof NetworkError) return cause;
  const reason = errorText(await commitFault(cause));
  return new NetworkError({ code: 'NETWORK.STORE_FAILED', reason }, cause);
}
