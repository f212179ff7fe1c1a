import type { Observable } from 'rxjs';
import type { SyncEvent } from '../sync.events.js';

export const SYNC = Symbol('SYNC');

/** Where the sync stands. Heights that peers claim are claims. */
export interface SyncProgress {
  readonly state: 'idle' | 'syncing' | 'stopped';
  /** Our height when it last began to sync. */
  readonly startingHeight: number;
  /** 0 also while there is no genesis. */
  readonly currentHeight: number;
  /** The best height claimed by a peer that we believe plausible and that did not fail just now; at least our own. */
  readonly highestHeight: number;
  /** The peer that blocks have been read from for longest. */
  readonly peerId: string | undefined;
  /** Peers that blocks are being read from. */
  readonly peers: number;
  /** Blocks stored per second, over the last seconds; undefined while too little is known. */
  readonly blocksPerSecond: number | undefined;
  /** Seconds to `highestHeight` at that rate; undefined while idle, too. */
  readonly secondsLeft: number | undefined;
}

export interface Sync {
  progress(): SyncProgress;
  /** State: replays the latest. Completes at shutdown, with `stopped`. */
  readonly progress$: Observable<SyncProgress>;
  /** Facts: no replay. Completes at shutdown. */
  readonly events$: Observable<SyncEvent>;
}
