import type { NetworkConfig } from '../../src/modules/network/network.config.js';
import type { PeerId } from '../../src/modules/network/ports/types.js';
import { aPeerId } from '../support/network-under-test.js';
import { diameter, type Graph, parts } from './graph.js';
import { SeededRandom } from './seeded-random.js';
import { SimNetwork } from './sim-network.js';
import { SimNode } from './sim-node.js';

export interface WorldOptions {
  readonly nodes: number;
  readonly seed: number;
  readonly bootnodes?: number;
  /** Of all but the bootnodes, from 0 to 1. */
  readonly natedShare?: number;
  readonly config?: Partial<NetworkConfig>;
}

export interface WorldState {
  /** Sizes of the connected parts, largest first. */
  readonly parts: readonly number[];
  readonly diameter: number;
  /** Nodes with an outbound slot that nobody holds. */
  readonly hungry: number;
  readonly hellos: number;
  readonly queries: number;
}

/** A network of simulated nodes: the first ones are the bootnodes of all. */
export class World {
  readonly network = new SimNetwork();
  readonly random: SeededRandom;
  readonly nodes = new Map<number, SimNode>();
  readonly #bootnodes: string[] = [];
  readonly #numbers = new Map<PeerId, number>();

  constructor(private readonly options: WorldOptions) {
    this.random = new SeededRandom(options.seed);
  }

  /** Starts all nodes, spread over `withinMs` of simulated time. */
  async start(withinMs: number): Promise<void> {
    const { nodes, bootnodes = 3 } = this.options;
    for (let n = 0; n < bootnodes; n++) await this.add(n);
    for (let n = bootnodes; n < nodes; n++) {
      await this.add(n);
      await this.network.clock.advance(withinMs / nodes);
    }
  }

  async add(n: number): Promise<void> {
    const { seed, bootnodes = 3, natedShare = 0, config } = this.options;
    const isBootnode = n < bootnodes;
    const peerId = aPeerId(n);
    // A node needs a bootnode that is not itself; the very first gets one that does not exist.
    const known = this.#bootnodes.filter((address) => !address.endsWith(peerId));
    const node = await SimNode.start(this.network, {
      peerId,
      seed: seed * 100_003 + n,
      bootnodes: known.length > 0 ? known : [`/memory/65535/p2p/${aPeerId(65_535)}`],
      isNated: !isBootnode && this.random.below(1_000) < natedShare * 1_000,
      ...(config && { config }),
    });
    this.nodes.set(n, node);
    this.#numbers.set(peerId, n);
    if (isBootnode && this.#bootnodes.length < bootnodes) this.#bootnodes.push(node.address);
  }

  async remove(n: number): Promise<void> {
    const node = this.nodes.get(n);
    this.nodes.delete(n);
    await node?.stop();
  }

  /** Advances until the condition holds. @returns ms it took, or undefined when it never held within the limit. */
  async until(holds: () => boolean, { stepMs = 1_000, limitMs = 600_000 } = {}): Promise<number | undefined> {
    for (let elapsedMs = 0; elapsedMs <= limitMs; elapsedMs += stepMs) {
      if (holds()) return elapsedMs;
      await this.network.clock.advance(stepMs);
    }
    return undefined;
  }

  isConnected(): boolean {
    return parts(this.graph()).length === 1;
  }

  isSettled(): boolean {
    return [...this.nodes.values()].every((node) => node.isSettled);
  }

  /** Breaks what crosses between the two sides of a divided network. */
  async cut(): Promise<void> {
    for (const node of this.nodes.values()) {
      for (const peerId of node.peers()) {
        if (this.network.isApart(node.peerId, peerId)) await node.disconnect(peerId);
      }
    }
  }

  /** An edge is there when both ends have the other in their table. */
  graph(): Graph {
    const told = new Map<number, Set<number>>();
    for (const [n, node] of this.nodes) {
      const numbers = node.peers().map((peerId) => this.#numbers.get(peerId));
      told.set(n, new Set(numbers.filter((number) => number !== undefined)));
    }
    return new Map(
      [...told].map(([n, peers]) => [n, new Set([...peers].filter((peer) => told.get(peer)?.has(n)))]),
    );
  }

  state(): WorldState {
    const graph = this.graph();
    return {
      parts: parts(graph),
      diameter: diameter(graph),
      hungry: [...this.nodes.values()].filter((node) => node.freeOutboundSlots() > 0).length,
      hellos: this.network.callsOf('/v1.Identity/Hello'),
      queries: this.network.callsOf('/v1.Discovery/FindPeers'),
    };
  }

  async stop(): Promise<void> {
    for (const n of [...this.nodes.keys()]) await this.remove(n);
  }
}
