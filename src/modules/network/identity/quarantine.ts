import type { Clock } from '../../../common/clock.js';
import type { PeerBook } from '../book/peer-book.js';
import type { KeptPeers } from '../dial/kept-peers.js';
import { NetworkError } from '../network.errors.js';
import type { PeerTable } from '../peers/peer-table.js';
import type { PeerId } from '../ports/types.js';

/**
 * Leaves peers of other chains alone for a while: neither dialed, admitted nor told to others.
 *
 * @remarks Peers that the chain or the operator named have none: their wrong chain may be a fault that somebody is
 * about to mend, and their dials have a backoff anyway.
 */
export class Quarantine {
  /** @param ms how long it lasts */
  constructor(
    private readonly book: Pick<PeerBook, 'quarantine' | 'quarantinedUntilMs'>,
    private readonly kept: Pick<KeptPeers, 'isNamed'>,
    private readonly table: Pick<PeerTable, 'announce'>,
    private readonly clock: Clock,
    private readonly ms: number,
  ) {}

  /** NETWORK.QUARANTINED while the peer is to be left alone. */
  refusalOf(peerId: PeerId): NetworkError | undefined {
    const untilMs = this.kept.isNamed(peerId) ? undefined : this.book.quarantinedUntilMs(peerId);
    return untilMs === undefined
      ? undefined
      : new NetworkError({ code: 'NETWORK.QUARANTINED', peerId, untilMs });
  }

  /** Begins one and publishes `peer:quarantined`; nothing happens while one holds. */
  impose(peerId: PeerId, error: NetworkError): void {
    if (this.kept.isNamed(peerId) || this.book.quarantinedUntilMs(peerId) !== undefined) return;
    const untilMs = this.clock.nowMs() + this.ms;
    this.book.quarantine(peerId, untilMs);
    this.table.announce({ type: 'peer:quarantined', peerId, error, untilMs });
  }
}
