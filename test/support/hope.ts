import type { DialBackoff } from '../../src/modules/network/dial/backoff.js';
import type { DialPolicy } from '../../src/modules/network/dial/dial-policy.js';
import type { DialCandidates } from '../../src/modules/network/ports/dial-candidates.port.js';

/**
 * Whether there is a candidate that may lead to a peer. One that a dial did not reach, or that had no room, is none,
 * though it is tried again and again.
 */
export function isHopeLeft(
  candidates: DialCandidates,
  policy: Pick<DialPolicy, 'wants'>,
  backoff: Pick<DialBackoff, 'failuresOf'>,
): boolean {
  let isLeft = false;
  candidates.take([], (address) => {
    isLeft ||= policy.wants(address) && backoff.failuresOf(address.peerId) === 0;
    return false;
  });
  return isLeft;
}
