import { AppError, assertNever } from '../../common/app-error.js';

export type SyncErrorDetail =
  | { code: 'SYNC.WRONG_STATE'; transition: string; state: string }
  | { code: 'SYNC.IMPLAUSIBLE_HEIGHT'; peerId: string; claimed: string }
  | { code: 'SYNC.HEIGHT_NOT_SERVED'; peerId: string; claimed: number; reached: number }
  | { code: 'SYNC.STALLED'; peerId: string; timeoutMs: number }
  | { code: 'SYNC.TOO_SLOW'; peerId: string; blocks: number; waitedMs: number }
  | { code: 'SYNC.NOT_KEPT'; peerId: string; height: number }
  | { code: 'SYNC.BAD_BLOCK'; peerId: string; height: number; reason: string }
  | { code: 'SYNC.ALTERED_VOTE'; peerId: string; height: number; number: number }
  | { code: 'SYNC.VOTE_OUTVOTED'; peerId: string; height: number }
  | { code: 'SYNC.OUT_OF_ORDER'; peerId: string; expected: number; reached: number }
  | { code: 'SYNC.BAD_MESSAGE'; peerId: string; reason: string }
  | { code: 'SYNC.PEER_FAILED'; peerId: string; reason: string }
  | { code: 'SYNC.LOCAL_FAILURE'; reason: string }
  | { code: 'SYNC.CANCELLED' };

/** Everything sync can fail with. */
export class SyncError extends AppError<SyncErrorDetail> {
  constructor(detail: SyncErrorDetail, cause?: unknown) {
    super(detail, messageOf(detail), cause);
  }
}

function messageOf(detail: SyncErrorDetail): string {
  switch (detail.code) {
    case 'SYNC.WRONG_STATE':
      return `"${detail.transition}" is not possible while ${detail.state}`;
    case 'SYNC.IMPLAUSIBLE_HEIGHT':
      return `${detail.peerId} claims the implausible height ${detail.claimed}`;
    case 'SYNC.HEIGHT_NOT_SERVED':
      return `${detail.peerId} claims height ${detail.claimed} and served up to ${detail.reached}`;
    case 'SYNC.STALLED':
      return `timeout awaiting block from peer ${detail.peerId}: nothing within ${detail.timeoutMs} ms`;
    case 'SYNC.TOO_SLOW':
      return `${detail.peerId} gave ${detail.blocks} blocks in ${Math.round(detail.waitedMs)} ms of waiting`;
    case 'SYNC.BAD_BLOCK':
      return `${detail.peerId} sent a bad block at ${detail.height}: ${detail.reason}`;
    case 'SYNC.NOT_KEPT':
      return `${detail.peerId} does not keep block ${detail.height}`;
    case 'SYNC.ALTERED_VOTE':
      return `${detail.peerId} turned the vote in block ${detail.height}, as block ${detail.number} shows`;
    case 'SYNC.VOTE_OUTVOTED':
      return `${detail.peerId} gave another vote in block ${detail.height} than two other peers`;
    case 'SYNC.OUT_OF_ORDER':
      return `${detail.peerId} sent other blocks than asked: head is ${detail.reached}, expected ${detail.expected}`;
    case 'SYNC.BAD_MESSAGE':
    case 'SYNC.PEER_FAILED':
      return `${detail.peerId}: ${detail.reason}`;
    case 'SYNC.LOCAL_FAILURE':
      return `blocks could not be stored: ${detail.reason}`;
    case 'SYNC.CANCELLED':
      return 'cancelled';
    default:
      return assertNever(detail);
  }
}

/**
 * What follows from a failed round. skip = leave the peer alone for a while; drop = that, and its connection is closed.
 */
export type SyncConsequence = 'none' | 'skip' | 'drop';

/**
 * The one table from a failure to its consequence.
 * @param strikes Failed rounds with this peer since the last good one, this one not counted. What may be chance is
 * forgiven once, and being slow twice.
 * @remarks Differs: the Go client only puts the peer on its skip list, whatever it did.
 */
export function consequenceOf({ detail }: SyncError, strikes: number): SyncConsequence {
  switch (detail.code) {
    case 'SYNC.CANCELLED':
      return 'none';
    // Ours, not the peer's; to skip it is what keeps us from trying without pause.
    case 'SYNC.WRONG_STATE':
    case 'SYNC.LOCAL_FAILURE':
      return 'skip';
    // It may have pruned; it is of use at other heights, and later.
    case 'SYNC.NOT_KEPT':
    // Two may lie to us as well as one.
    case 'SYNC.VOTE_OUTVOTED':
      return 'skip';
    case 'SYNC.TOO_SLOW':
      return strikes < 2 ? 'skip' : 'drop';
    case 'SYNC.HEIGHT_NOT_SERVED':
    case 'SYNC.PEER_FAILED':
      return strikes === 0 ? 'skip' : 'drop';
    case 'SYNC.IMPLAUSIBLE_HEIGHT':
    case 'SYNC.STALLED':
    case 'SYNC.BAD_BLOCK':
    case 'SYNC.ALTERED_VOTE':
    case 'SYNC.OUT_OF_ORDER':
    case 'SYNC.BAD_MESSAGE':
      return 'drop';
    default:
      return assertNever(detail);
  }
}
