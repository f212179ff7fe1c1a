import type { NetworkList } from '../address/cidr.js';
import type { PeerBook } from '../book/peer-book.js';
import type { BanList } from '../conduct/ban-list.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { addressForCaller } from './find-peers.js';

/** Which of our peers others are told of, and where they are. */
export class AnnouncePolicy {
  /** @param denied networks that are kept to ourselves */
  constructor(
    private readonly denied: NetworkList,
    private readonly book: Pick<PeerBook, 'quarantinedUntilMs'>,
    private readonly bans: Pick<BanList, 'isRefused'>,
  ) {}

  /**
   * @param transports what the peer is known by, best first
   * @param callerIsPublic whether the one who asks is outside our own network
   * @returns undefined for a peer that is in quarantine or banned, or has no address that may be told
   */
  addressFor(
    peerId: PeerId,
    transports: readonly string[],
    callerIsPublic: boolean,
  ): PeerAddress | undefined {
    if (this.book.quarantinedUntilMs(peerId) !== undefined) return undefined;
    const told = transports.filter(
      (transport) => !this.denied.has(transport) && !this.bans.isRefused(transport, peerId),
    );
    return addressForCaller(peerId, told, callerIsPublic);
  }
}
