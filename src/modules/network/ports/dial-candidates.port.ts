import type { Observable } from 'rxjs';
import type { PeerAddress } from './types.js';

export const DIAL_CANDIDATES = Symbol('DIAL_CANDIDATES');

/** Peers that may be dialed when an outbound slot is free; discovery fills it, the dial loop takes from it. */
export interface DialCandidates {
  /** Fires when `take` may give something that it did not before. */
  readonly added$: Observable<void>;
  /**
   * The best candidate, which leaves the pool: known-good peers first, then by chance, so that nobody who tells many
   * addresses decides whom we dial.
   *
   * @param occupied transports of the outbound connections and dials there are; no /24 (IPv6: /56) gets more than two
   * @param isWanted false for those that are connected, under way, in their backoff or refused; they stay in the pool
   */
  take(occupied: readonly string[], isWanted: (address: PeerAddress) => boolean): PeerAddress | undefined;
}
