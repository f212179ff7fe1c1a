import { errorText } from '../../../../common/app-error.js';
import { NetworkError } from '../../network.errors.js';

/** What the store fails with, whatever failed in it; the one place where errors of LMDB and the file system are translated. */
export async function storeFailed(cause: unknown): Promise<NetworkError> {
  const reason = errorText(await commitFault(cause));
  return new NetworkError({ code: 'NETWORK.STORE_FAILED', reason }, cause);
}

/** A failed commit hides its reason in a promise, which must be looked at in any case: unhandled it ends the process. */
async function commitFault(cause: unknown): Promise<unknown> {
  if (!(cause instanceof Error && 'commitError' in cause)) return cause;
  try {
    await cause.commitError;
    return cause;
  } catch (reason) {
    return reason;
  }
}
