import { RPC } from '@libp2p/gossipsub/message';
import type { Stream } from '@libp2p/interface';
import { SilentLogger } from '../../src/common/logger.port.js';
import { NoMetrics } from '../../src/common/metrics.port.js';
import { type GossipRouter, routerOf } from '../../src/modules/network/adapters/libp2p/gossip-router.js';
import { GossipTopics } from '../../src/modules/network/adapters/libp2p/libp2p-gossip.js';
import { createLibp2pNode, type Libp2pNode } from '../../src/modules/network/adapters/libp2p/libp2p-node.js';
import type { NetworkError } from '../../src/modules/network/network.errors.js';
import { createNetworkMetrics } from '../../src/modules/network/network.metrics.js';
import type { HostMessage, TopicVerdict } from '../../src/modules/network/ports/host.port.js';
import type { PeerId } from '../../src/modules/network/ports/types.js';
import { eventually } from './eventually.js';
import { aHostContext } from './host-context.js';
import { ManualClock } from './manual-clock.js';
import { testPeerId } from './peer-ids.js';

export const TOPIC = 'syncer/status/0.1';

export interface AttackedOptions {
  readonly verdict?: (message: HostMessage) => TopicVerdict;
  /** Settings of our node that differ from the defaults. */
  readonly config?: object;
}

/** Our node (key 1) on a topic, and neighbours (keys 2, 3 …) that write RPCs of their own making. */
export class AttackedNode {
  readonly clock = new ManualClock();
  readonly heard: HostMessage[] = [];
  /** How often something was dropped, by `topic: reason`. */
  readonly drops = new Map<string, number>();
  readonly reports: { peerId: PeerId; error: NetworkError }[] = [];
  readonly #cleanups: (() => unknown)[] = [];
  #node: Libp2pNode | undefined;

  get node(): Libp2pNode {
    if (this.#node === undefined) throw new Error('start first');
    return this.#node;
  }

  get router(): GossipRouter {
    return routerOf(this.node.gossip);
  }

  async start({ verdict = () => 'accept', config = {} }: AttackedOptions = {}): Promise<this> {
    const { clock, drops, reports } = this;
    const metrics = {
      ...createNetworkMetrics(new NoMetrics()),
      gossipDropped: (topic: string, reason: string) => {
        const name = `${topic}: ${reason}`;
        drops.set(name, (drops.get(name) ?? 0) + 1);
      },
    };
    const onMisbehaviour = (peerId: PeerId, error: NetworkError) => reports.push({ peerId, error });
    const context = aHostContext(1, { clock, metrics, onMisbehaviour, config });
    this.#node = await this.#started(await createLibp2pNode(context));
    const topics = new GossipTopics(this.node.gossip, new SilentLogger(), context.config.gossip);
    topics.start();
    topics.subscribe(TOPIC, (message) => {
      this.heard.push(message);
      return verdict(message);
    });
    return this;
  }

  /** A neighbour of key `n`. */
  async neighbour(n = 2): Promise<GossipAttacker> {
    const theirs = await this.#started(await createLibp2pNode(aHostContext(n)));
    // Its library would open a stream of its own, which replaces the attacker's.
    routerOf(theirs.gossip).createOutboundStream = async () => {};
    const [place = ''] = String(this.node.libp2p.getMultiaddrs()[0]).split('/p2p/');
    const connection = await theirs.dial(place, testPeerId(1), new AbortController().signal);
    await eventually(() => this.router.peers.has(testPeerId(n)));
    const open = () => connection.newStream('/meshsub/1.1.0');
    const attacker = new GossipAttacker(testPeerId(n), theirs, open);
    await attacker.reopen();
    return attacker;
  }

  async stop(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0)) await cleanup();
  }

  score(n = 2): number {
    return this.router.score.score(testPeerId(n));
  }

  async #started(node: Libp2pNode): Promise<Libp2pNode> {
    await node.libp2p.start();
    this.#cleanups.push(() => node.libp2p.stop());
    return node;
  }
}

/** A neighbour that sends what it likes. */
export class GossipAttacker {
  stream!: Stream;

  constructor(
    readonly peerId: PeerId,
    readonly node: Libp2pNode,
    private readonly open: () => Promise<Stream>,
  ) {}

  /** A new stream, which replaces the one before. */
  async reopen(): Promise<void> {
    this.stream = await this.open();
  }

  send(...rpcs: Partial<RPC>[]): void {
    for (const rpc of rpcs) this.sendBytes(framed(RPC.encode({ subscriptions: [], messages: [], ...rpc })));
  }

  sendControl(control: Partial<RPC.ControlMessage>): void {
    this.send({ control: { ihave: [], iwant: [], graft: [], prune: [], idontwant: [], ...control } });
  }

  sendBytes(bytes: Uint8Array): void {
    this.stream.send(bytes);
  }
}

/** @param length What is announced, when it is not the truth. */
export function framed(bytes: Uint8Array, length = bytes.length): Buffer {
  const prefix: number[] = [];
  let rest = length;
  for (; rest >= 128; rest = Math.floor(rest / 128)) prefix.push((rest % 128) | 128);
  return Buffer.concat([Buffer.from([...prefix, rest]), bytes]);
}
