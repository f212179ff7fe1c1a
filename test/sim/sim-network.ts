import { MemoryNetwork } from '../../src/modules/network/adapters/memory/memory-network.js';
import type { PeerId } from '../../src/modules/network/ports/types.js';
import type { CallExchange } from './direct-protocols.js';
import { SimClock } from './sim-clock.js';

/** What all nodes of a simulation share: time, the switchboard, calls, and who cannot reach whom. */
export class SimNetwork {
  readonly clock = new SimClock();
  readonly switchboard = new MemoryNetwork();
  readonly exchange: CallExchange = { handlers: new Map(), calls: new Map() };
  readonly #hidden = new Set<PeerId>();
  #side: (peerId: PeerId) => number = () => 0;

  /** Nobody can dial that node; it can dial others. */
  hide(peerId: PeerId): void {
    this.#hidden.add(peerId);
  }

  /** Nodes of different sides cannot connect any more; connections there are stay. */
  divide(side: (peerId: PeerId) => number): void {
    this.#side = side;
  }

  heal(): void {
    this.#side = () => 0;
  }

  isApart(a: PeerId, b: PeerId): boolean {
    return this.#side(a) !== this.#side(b);
  }

  /** Whether a dial of that node gets an answer. */
  reaches(self: PeerId, other: PeerId): boolean {
    return !this.#hidden.has(other) && !this.isApart(self, other);
  }

  callsOf(path: string): number {
    return this.exchange.calls.get(path) ?? 0;
  }
}
