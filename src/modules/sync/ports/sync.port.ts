import type { Observable } from 'rxjs';
import type { SyncEvent } from '../sync.events.js';

export const SYNC = Symbol('SYNC');

/** Where the sync stands. Heights that peers claim are claims. */
export interface SyncProgress {
  readonly state: 'idle' | 'syncing' | 'stopped';
  /** Our height when this run of rounds began. */
  readonly startingHeight: number;
  /** 0 also while there is no genesis. */
  readonly currentHeight: number;
  /** The best height claimed by a peer that we believe plausible and that did not fail just now; at least our own. */
  readonly highestHeight: number;
  /** The peer of the round under way. */
  readonly peerId: string | undefined;
}

export interface Sync {
  progress(): SyncProgress;
  /** State: replays the latest. Completes at shutdown, with `stopped`. */
  readonly progress$: Observable<SyncProgress>;
  /** Facts: no replay. Completes at shutdown. */
  readonly events$: Observable<SyncEvent>;
}
