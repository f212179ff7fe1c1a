import { type Observable, Subject } from 'rxjs';
import type { PeerId } from '../network/index.js';
import { type HeightClaim, plausibleHeight } from './choose-peer.js';
import { SyncError } from './sync.errors.js';

export interface PeerHeightsOptions {
  /** Our own height; -1 while there is no genesis. */
  readonly head: () => number;
  readonly distanceTo: (peerId: PeerId) => bigint;
  readonly maxClaimAhead: number;
}

/**
 * The newest claim of each connected peer; a lower one replaces a higher one.
 * @see polygon-edge@597a0f3 syncer/peers.go PeerMap
 */
export class PeerHeights {
  private readonly claims = new Map<PeerId, HeightClaim>();
  private readonly changesSubject = new Subject<void>();
  /** Fires after each claim and removal; `list()` reflects it. */
  readonly changes$: Observable<void> = this.changesSubject.asObservable();

  constructor(private readonly options: PeerHeightsOptions) {}

  /**
   * @param claimed Straight from the wire.
   * @throws {SyncError} SYNC.IMPLAUSIBLE_HEIGHT; what the peer claimed before is forgotten
   */
  put(peerId: PeerId, claimed: bigint): void {
    const number = plausibleHeight(claimed, this.options.head(), this.options.maxClaimAhead);
    if (number === undefined) {
      this.remove(peerId);
      throw new SyncError({ code: 'SYNC.IMPLAUSIBLE_HEIGHT', peerId, claimed: claimed.toString() });
    }
    const distance = this.claims.get(peerId)?.distance ?? this.options.distanceTo(peerId);
    this.claims.set(peerId, { peerId, number, distance });
    this.changesSubject.next();
  }

  remove(peerId: PeerId): void {
    if (this.claims.delete(peerId)) this.changesSubject.next();
  }

  claimOf(peerId: PeerId): HeightClaim | undefined {
    return this.claims.get(peerId);
  }

  list(): readonly HeightClaim[] {
    return [...this.claims.values()];
  }
}
