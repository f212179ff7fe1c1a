import type { Observable } from 'rxjs';
import type { SyncEvent } from '../sync.events.js';

export const SYNC = Symbol('SYNC');

/** Where the sync stands. Heights that peers claim are claims. */
export interface SyncProgress {
  /** `paused`: an operator wants no blocks fetched, so a head that stays behind is no fault. */
  readonly state: 'idle' | 'syncing' | 'paused' | 'stopped';
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

/** How sync sees a peer. */
export interface SyncPeerView {
  /** Its latest claim; undefined: none is known. */
  readonly claimedHeight: number | undefined;
  /** Blocks are being read from it. */
  readonly isSource: boolean;
  /** Something is being found out about it, and nothing else asked meanwhile. */
  readonly isSetAside: boolean;
  /** How long it is left alone because it failed, ms; 0 when it may be asked now. */
  readonly skippedMs: number;
  /** Why it failed last; undefined when it served well since, or never failed. */
  readonly lastFault: { readonly code: string; readonly message: string; readonly atMs: number } | undefined;
  /** Peers that would be asked before it. */
  readonly betterPeers: number;
  /** How long nobody is asked because our own store failed, ms. */
  readonly pausedMs: number;
}

export interface Sync {
  progress(): SyncProgress;
  /** Anyone may be asked about, connected or not. */
  peerView(peerId: string): SyncPeerView;
  /** State: replays the latest. Completes at shutdown, with `stopped`. */
  readonly progress$: Observable<SyncProgress>;
  /** Facts: no replay. Completes at shutdown. */
  readonly events$: Observable<SyncEvent>;
}

export const SYNC_CONTROL = Symbol('SYNC_CONTROL');

/** Has the sync wait. Nothing of it outlives the process. */
export interface SyncControl {
  readonly isPaused: boolean;
  /**
   * Ends all fetching; nobody is blamed, and what is being stored is stored. Heights are learned and blocks served as ever.
   * Stays, whichever peers come and go. Again does nothing.
   */
  pause(): void;
  /** Goes on from the head. Does nothing unless paused. */
  resume(): void;
}
