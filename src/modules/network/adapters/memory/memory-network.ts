import type { PeerId } from '../../ports/types.js';
import type { InMemoryHost } from './in-memory-host.js';

/** What answers at an address: a host, or something that takes a call and never speaks. */
export type Listener = InMemoryHost | 'silent';

/** The switchboard that joins hosts of one process. Addresses are `/memory/<n>`, given out from 1. */
export class MemoryNetwork {
  readonly #listeners = new Map<string, Listener>();
  #lastNumber = 0;

  /** @returns The new address of the host. */
  attach(listener: Listener): string {
    this.#lastNumber += 1;
    const address = `/memory/${this.#lastNumber}`;
    this.#listeners.set(address, listener);
    return address;
  }

  detach(host: InMemoryHost): void {
    for (const [address, listener] of this.#listeners) {
      if (listener === host) this.#listeners.delete(address);
    }
  }

  at(address: string): Listener | undefined {
    return this.#listeners.get(address);
  }

  hostOf(peerId: PeerId): InMemoryHost | undefined {
    for (const listener of this.#listeners.values()) {
      if (listener !== 'silent' && listener.peerId === peerId) return listener;
    }
    return undefined;
  }

  /** An address where a dial hangs until its deadline. */
  silentAddress(): string {
    return this.attach('silent');
  }
}
