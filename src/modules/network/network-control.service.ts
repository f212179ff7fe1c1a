import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService } from './discovery/discovery.service.js';
import { PeerQuery } from './discovery/peer-query.service.js';
import { TopicsService } from './gossip/topics.service.js';
import type { NetworkActivity, NetworkControl } from './ports/network-control.port.js';

type Pausable = { isPaused: boolean };

/** Says to each part of the network whether it is to wait. */
@Injectable()
export class NetworkControlService implements NetworkControl {
  readonly #parts: Readonly<Record<NetworkActivity, readonly Pausable[]>>;

  constructor(
    @Inject(DiscoveryService) discovery: Pausable,
    @Inject(PeerQuery) query: Pausable,
    @Inject(TopicsService) topics: Pausable,
  ) {
    this.#parts = { discovery: [discovery, query], gossip: [topics] };
  }

  paused(): readonly NetworkActivity[] {
    const all: readonly NetworkActivity[] = ['discovery', 'gossip'];
    return all.filter((activity) => this.#parts[activity].every(({ isPaused }) => isPaused));
  }

  pause(activity: NetworkActivity): void {
    for (const part of this.#parts[activity]) part.isPaused = true;
  }

  resume(activity: NetworkActivity): void {
    for (const part of this.#parts[activity]) part.isPaused = false;
  }
}
