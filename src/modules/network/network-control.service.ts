import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService } from './discovery/discovery.service.js';
import { TopicsService } from './gossip/topics.service.js';
import type { NetworkActivity, NetworkControl } from './ports/network-control.port.js';

type Pausable = { isPaused: boolean };

/** Says to each part of the network whether it is to wait. */
@Injectable()
export class NetworkControlService implements NetworkControl {
  readonly #parts: Readonly<Record<NetworkActivity, Pausable>>;

  constructor(@Inject(DiscoveryService) discovery: Pausable, @Inject(TopicsService) topics: Pausable) {
    this.#parts = { discovery, gossip: topics };
  }

  paused(): readonly NetworkActivity[] {
    const all: readonly NetworkActivity[] = ['discovery', 'gossip'];
    return all.filter((activity) => this.#parts[activity].isPaused);
  }

  pause(activity: NetworkActivity): void {
    this.#parts[activity].isPaused = true;
  }

  resume(activity: NetworkActivity): void {
    this.#parts[activity].isPaused = false;
  }
}
