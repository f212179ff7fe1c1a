/**
 * What LMDB failed with. A failed commit hides its reason in a promise, which must be looked at in any case: unhandled it
 * ends the process. LMDB may have been loaded into another realm, whose errors are no `Error` of this one.
 */
export async function commitFault(cause: unknown): Promise<unknown> {
  if (!(typeof cause === 'object' && cause !== null && 'commitError' in cause)) return cause;
  try {
    await cause.commitError;
    return cause;
  } catch (reason) {
    return reason;
  }
}
