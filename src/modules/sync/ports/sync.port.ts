import type { Observable } from 'rxjs';

export const SYNC = Symbol('SYNC');

/** Where the sync stands. Heights that peers claim are claims. */
export interface SyncProgress {
  readonly state: 'idle' | 'syncing' | 'stopped';
  readonly startingHeight: number;
  readonly currentHeight: number;
  /** The best height a peer claims and that we believe plausible. */
  readonly highestHeight: number;
  readonly peerId: string | undefined;
}

export interface Sync {
  progress(): SyncProgress;
  /** State: replays the latest. */
  readonly progress$: Observable<SyncProgress>;
}
