import { Inject, Injectable } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import { errorFields } from '../../../common/app-error.js';
import { CLOCK, type Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { PeerBook } from '../book/peer-book.js';
import { PinnedPeers } from '../book/pinned-peers.js';
import { consequenceOf, NetworkError, type PeerAction } from '../network.errors.js';
import { NETWORK_LOG } from '../network.log.js';
import { NETWORK_METRICS, type NetworkMetrics } from '../network.metrics.js';
import { PeerTable } from '../peers/peer-table.js';
import type { ScoreReason } from '../ports/peer-store.port.js';
import type { PeerId } from '../ports/types.js';
import { BANNED_BY_SCORE, BanList } from './ban-list.js';
import { BAN_BELOW, BAN_MS, DISCONNECT_BELOW, lowered, scoreAt } from './peer-scores.js';

/** Longest code of a consumer that is kept as a reason. */
const MAX_CODE_CHARACTERS = 64;

/** A peer whose connections are to be closed. */
export interface Expulsion {
  readonly peerId: PeerId;
  readonly cause: NetworkError;
}

/** Judges peers by what they did: the one place that applies the table of consequences. */
@Injectable()
export class Conduct {
  readonly #expulsions = new Subject<Expulsion>();

  /** Whose connections must go. No replay; fires again for faults that come before they are closed. */
  readonly expulsions$: Observable<Expulsion> = this.#expulsions.asObservable();

  constructor(
    private readonly book: PeerBook,
    private readonly bans: BanList,
    private readonly pinned: PinnedPeers,
    private readonly table: PeerTable,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(NETWORK_LOG) private readonly log: Logger,
    @Inject(NETWORK_METRICS) private readonly metrics: Pick<NetworkMetrics, 'scoreLowered'>,
  ) {}

  /**
   * What follows from a failure. A fault that costs points publishes `peer:score-lowered`; below -20 the peer is expelled
   * with NETWORK.SCORE_TOO_LOW, below -50 it is banned for half an hour. The score of a trusted peer never changes:
   * all that can happen to it is that its connections close.
   */
  judge(peerId: PeerId, error: NetworkError): PeerAction {
    const { action, points } = consequenceOf(error);
    if (this.pinned.isTrusted(peerId))
      return this.#apply(peerId, action === 'lower' ? 'none' : action, error);
    const score = points > 0 ? this.#lower(peerId, error, points) : 0;
    if (score < BAN_BELOW) return this.#ban(peerId, error);
    if (action === 'lower' && score < DISCONNECT_BELOW)
      return this.#apply(peerId, 'drop', tooLow(peerId, score));
    return this.#apply(peerId, action, error);
  }

  /** The score now, 0 or below, and the latest reasons for it, newest last. */
  describe(peerId: PeerId): { score: number; reasons: readonly ScoreReason[] } {
    const score = this.book.scoreOf(peerId);
    return { score: scoreAt(score, this.clock.nowMs()), reasons: score.reasons };
  }

  /** NETWORK.SCORE_TOO_LOW while the peer is not to be let in for its score; undefined when nothing speaks against it. */
  refusalOf(peerId: PeerId): NetworkError | undefined {
    const { score } = this.describe(peerId);
    return score < DISCONNECT_BELOW && !this.pinned.isTrusted(peerId) ? tooLow(peerId, score) : undefined;
  }

  #lower(peerId: PeerId, error: NetworkError, points: number): number {
    const { detail } = error;
    const code = detail.code === 'NETWORK.REPORTED_BY_CONSUMER' ? detail.fault : detail.code;
    const reason = { atMs: this.clock.nowMs(), code: code.slice(0, MAX_CODE_CHARACTERS), points };
    const after = lowered(this.book.scoreOf(peerId), reason);
    this.book.setScore(peerId, after);
    this.metrics.scoreLowered(detail.code);
    this.table.announce({ type: 'peer:score-lowered', peerId, error, points, score: after.score });
    return after.score;
  }

  #apply(peerId: PeerId, action: PeerAction, cause: NetworkError): PeerAction {
    if (action === 'drop' || action === 'ban') this.#expulsions.next({ peerId, cause });
    return action;
  }

  #ban(peerId: PeerId, error: NetworkError): PeerAction {
    const reason = error.code;
    if (this.bans.banOf(peerId) === undefined) {
      // It holds at once. A store that fails has been told of by the book, and peers must not fill the log.
      this.bans.ban(peerId, { ttlMs: BAN_MS, reason, by: BANNED_BY_SCORE }).catch((failure: unknown) => {
        this.log.debug('a ban could not be stored', { peerId, ...errorFields(failure) });
      });
      const ban = this.bans.banOf(peerId);
      if (ban !== undefined) this.table.announce({ type: 'peer:banned', ban });
    }
    return this.#apply(
      peerId,
      'ban',
      new NetworkError({ code: 'NETWORK.BANNED', target: peerId, reason }, error),
    );
  }
}

function tooLow(peerId: PeerId, score: number): NetworkError {
  return new NetworkError({ code: 'NETWORK.SCORE_TOO_LOW', peerId, score });
}
