import { Injectable } from '@nestjs/common';
import type { PeerStanding } from '../ports/peers.port.js';
import type { PeerId } from '../ports/types.js';
import { ConnectionSlots } from '../slots/connection-slots.js';
import { DialBackoff } from './backoff.js';
import { DialService } from './dial.service.js';
import { Dialer } from './dialer.service.js';
import { KeptPeers } from './kept-peers.js';

/** How it stands with dials of a peer. */
@Injectable()
export class DialStandings {
  constructor(
    private readonly dials: DialService,
    private readonly dialer: Dialer,
    private readonly backoff: DialBackoff,
    private readonly slots: ConnectionSlots,
    private readonly kept: KeptPeers,
  ) {}

  of(peerId: PeerId): Pick<PeerStanding, 'isNamed' | 'dial' | 'failures' | 'retryInMs' | 'slots'> {
    return {
      isNamed: this.kept.isNamed(peerId),
      dial: this.#dialOf(peerId),
      failures: this.backoff.failuresOf(peerId),
      retryInMs: Math.ceil(this.backoff.waitMs(peerId)),
      slots: { inbound: this.slots.occupancy('inbound'), outbound: this.slots.occupancy('outbound') },
    };
  }

  #dialOf(peerId: PeerId): PeerStanding['dial'] {
    if (this.dialer.underWay().some((address) => address.peerId === peerId)) return 'dialing';
    return this.dials.isQueued(peerId) ? 'queued' : undefined;
  }
}
