import { delay } from '../../src/common/clock.js';
import type { Random } from '../../src/common/random.js';
import { InMemoryHost } from '../../src/modules/network/adapters/memory/in-memory-host.js';
import { NetworkError } from '../../src/modules/network/network.errors.js';
import type { ConnectionFilter, HostConnection } from '../../src/modules/network/ports/host.port.js';
import type { PeerAddress, PeerId } from '../../src/modules/network/ports/types.js';
import type { SimNetwork } from './sim-network.js';

/** A host in memory whose dials take time, and get no answer where the simulated network has no way. */
export class SimHost extends InMemoryHost {
  readonly #network: SimNetwork;
  readonly #random: Random;

  constructor(network: SimNetwork, random: Random, options: { peerId: PeerId; isRefused: ConnectionFilter }) {
    super({ ...options, network: network.switchboard, clock: network.clock });
    this.#network = network;
    this.#random = random;
  }

  override async dial(
    address: PeerAddress,
    options: { signal: AbortSignal; timeoutMs: number },
  ): Promise<HostConnection> {
    const { peerId } = address;
    const { signal, timeoutMs } = options;
    if (!this.#network.reaches(this.peerId, peerId)) {
      await delay(this.#network.clock, timeoutMs, signal);
      throw new NetworkError({ code: 'NETWORK.DIAL_TIMEOUT', peerId, timeoutMs });
    }
    await delay(this.#network.clock, 10 + this.#random.below(90), signal);
    return super.dial(address, options);
  }
}
