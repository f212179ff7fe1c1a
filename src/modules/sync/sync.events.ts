import type { SyncError } from './sync.errors.js';

/**
 * Facts about rounds; a round is one GetBlocks with one peer. They alternate: each start has its end, also at shutdown.
 *
 * - `round:started`: a peer was chosen and is about to be asked. `progress()` says `syncing` already.
 * - `round:ended`: nothing of the round is pending any more; what it stored is durable. `error` is undefined when the peer
 *   served what it had claimed. `reached` is `from - 1` when it gave nothing.
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
