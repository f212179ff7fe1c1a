import { Inject, Injectable } from '@nestjs/common';
import { PeerBook } from '../book/peer-book.js';
import { PinnedPeers } from '../book/pinned-peers.js';
import { BanList } from '../conduct/ban-list.js';
import { Conduct } from '../conduct/conduct.service.js';
import { ResourceLedger } from '../limits/resource-ledger.js';
import { HOST, type Host } from '../ports/host.port.js';
import type { PeerDetails } from '../ports/peers.port.js';
import type { PeerId } from '../ports/types.js';
import { PeerTable } from './peer-table.js';

/** All that is known of a peer, gathered. */
@Injectable()
export class PeerDescriptions {
  constructor(
    @Inject(HOST) private readonly host: Host,
    private readonly conduct: Conduct,
    private readonly pinned: PinnedPeers,
    private readonly bans: BanList,
    private readonly book: PeerBook,
    private readonly ledger: ResourceLedger,
    private readonly table: PeerTable,
  ) {}

  describe(peerId: PeerId): PeerDetails {
    return {
      peerId,
      ...this.#wireFacts(peerId),
      ...this.conduct.describe(peerId),
      isTrusted: this.pinned.isTrusted(peerId),
      isStatic: this.pinned.isStatic(peerId),
      ban: this.bans.banOf(peerId),
      quarantinedUntilMs: this.book.quarantinedUntilMs(peerId),
      traffic: this.#traffic(peerId),
      lastMishap: this.table.lastMishapOf(peerId),
    };
  }

  #traffic(peerId: PeerId): PeerDetails['traffic'] {
    const usage = this.table.has(peerId) ? this.ledger.usageOf(peerId) : undefined;
    return usage && { receivedBytes: usage.receivedBytes, sentBytes: usage.sentBytes };
  }

  #wireFacts(peerId: PeerId): Pick<PeerDetails, 'protocols' | 'addresses' | 'agent' | 'latencyMs'> {
    if (peerId !== this.host.peerId) return this.host.peerInfo(peerId);
    return { protocols: [], addresses: this.host.addresses(), agent: undefined, latencyMs: undefined };
  }
}
