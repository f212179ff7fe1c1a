import type { SyncError } from './sync.errors.js';

/**
 * Facts about rounds; a round is one GetBlocks with one peer. Rounds with several peers overlap; each start has its end,
 * also at shutdown.
 *
 * - `round:started`: a peer was chosen and is about to be asked. `progress()` says `syncing` already.
 * - `round:ended`: nothing of the round is pending any more; what it brought is durable or dropped. `error` is undefined
 *   when the peer served what was wanted. `reached` is the highest height that was stored, `from - 1` when there is none.
 */
export type SyncEvent =
  | {
      readonly type: 'round:started';
      readonly peerId: string;
      readonly from: number;
      readonly claimed: number;
      readonly atMs: number;
    }
  | {
      readonly type: 'round:ended';
      readonly peerId: string;
      readonly from: number;
      readonly claimed: number;
      readonly reached: number;
      readonly error: SyncError | undefined;
      readonly atMs: number;
    };
