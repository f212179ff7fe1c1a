import { Inject, Injectable } from '@nestjs/common';
import { PeerBook } from '../book/peer-book.js';
import { BanList } from '../conduct/ban-list.js';
import { Conduct } from '../conduct/conduct.service.js';
import { DialStandings } from '../dial/dial-standings.js';
import { CandidatePool } from '../discovery/candidate-pool.js';
import { HOST, type Host } from '../ports/host.port.js';
import type { PeerStanding } from '../ports/peers.port.js';
import type { PeerId } from '../ports/types.js';
import { PeerTable } from './peer-table.js';

/** What decides whether a peer is or will be connected, gathered. */
@Injectable()
export class PeerStandings {
  constructor(
    @Inject(HOST) private readonly host: Pick<Host, 'peerId'>,
    private readonly table: PeerTable,
    private readonly book: PeerBook,
    private readonly bans: BanList,
    private readonly conduct: Conduct,
    private readonly dials: DialStandings,
    private readonly candidates: CandidatePool,
  ) {}

  of(peerId: PeerId): PeerStanding {
    return {
      isSelf: peerId === this.host.peerId,
      ...this.dials.of(peerId),
      addresses: this.#addressesOf(peerId),
      seenAtMs: this.book.recordOf(peerId)?.seenAtMs,
      isCandidate: this.candidates.transportsOf(peerId).length > 0,
      isScoreTooLow: this.conduct.refusalOf(peerId) !== undefined,
    };
  }

  /** As `Peers.remembered` says. */
  remembered(limit: number): readonly PeerId[] {
    const peerIds: PeerId[] = [];
    for (const { peerId } of this.book.peers()) {
      if (peerIds.length >= limit) break;
      if (!this.table.has(peerId)) peerIds.push(peerId);
    }
    return peerIds;
  }

  #addressesOf(peerId: PeerId): PeerStanding['addresses'] {
    const stored = this.book.recordOf(peerId)?.addresses ?? [];
    const rumours = this.candidates
      .transportsOf(peerId)
      .filter((transport) => !stored.some((known) => known.transport === transport))
      .map((transport) => ({ transport, failures: 0 }));
    return [...stored, ...rumours].map((address) => ({
      ...address,
      ban: this.bans.banAround(address.transport),
    }));
  }
}
