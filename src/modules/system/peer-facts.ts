import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock.js';
import { CHAIN, type Chain } from '../blockchain/index.js';
import {
  NETWORK_CONTROL,
  type NetworkControl,
  PEERS,
  type PeerId,
  type PeerInfo,
  type Peers,
} from '../network/index.js';
import { SYNC, type Sync } from '../sync/index.js';
import type { PeerFacts } from './explain/explanation.js';
import type { PeerEntryFacts } from './peers.mapper.js';

/** Gathers what network, chain and sync know of peers. */
@Injectable()
export class PeerFactsReader {
  constructor(
    @Inject(PEERS) readonly peers: Peers,
    @Inject(CHAIN) private readonly chain: Pick<Chain, 'head'>,
    @Inject(NETWORK_CONTROL) private readonly network: Pick<NetworkControl, 'paused'>,
    @Inject(SYNC) private readonly sync: Pick<Sync, 'peerView' | 'progress'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** In the order of their arrival. */
  connected(): readonly PeerEntryFacts[] {
    return this.peers.list().map((info) => this.#entry(info.peerId, info));
  }

  /** Those remembered that are away. */
  remembered(limit: number): readonly PeerEntryFacts[] {
    return this.peers.remembered(limit).map((peerId) => this.#entry(peerId, undefined));
  }

  /** For an explanation. */
  of(peerId: PeerId): PeerFacts {
    return {
      nowMs: this.clock.nowMs(),
      info: this.peers.list().find((info) => info.peerId === peerId),
      details: this.peers.describe(peerId),
      standing: this.peers.standing(peerId),
      view: this.sync.peerView(peerId),
      progress: this.sync.progress(),
      isDiscoveryPaused: this.network.paused().includes('discovery'),
      head: this.chain.head()?.number ?? -1,
    };
  }

  /** Whether there is something to remove: a connection, a dial or a pin. */
  isHeld(peerId: PeerId): boolean {
    return (
      this.peers.has(peerId) ||
      this.peers.standing(peerId).dial !== undefined ||
      this.peers.describe(peerId).isStatic
    );
  }

  #entry(peerId: PeerId, info: PeerInfo | undefined): PeerEntryFacts {
    return {
      nowMs: this.clock.nowMs(),
      info,
      details: this.peers.describe(peerId),
      standing: this.peers.standing(peerId),
      claimedHeight: this.sync.peerView(peerId).claimedHeight,
    };
  }
}
