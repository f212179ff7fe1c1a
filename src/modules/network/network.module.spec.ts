import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Global, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { eventually } from '../../../test/support/eventually.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { testNetworkKey, testPeerId } from '../../../test/support/peer-ids.js';
import { waitFor } from '../../../test/support/wait-for.js';
import { CLOCK } from '../../common/clock.js';
import { LOGGER, SilentLogger } from '../../common/logger.port.js';
import { METRICS, NoMetrics } from '../../common/metrics.port.js';
import { RANDOM, SystemRandom } from '../../common/random.js';
import { FindPeersReqSchema, FindPeersRespSchema } from '../../gen/v1/discovery_pb.js';
import { StatusSchema } from '../../gen/v1/identity_pb.js';
import { InMemoryHost } from './adapters/memory/in-memory-host.js';
import { MemoryNetwork } from './adapters/memory/memory-network.js';
import { formatPeerAddress } from './address/peer-address.js';
import { DiscoveryController } from './discovery/discovery.controller.js';
import { IdentityController } from './identity/identity.controller.js';
import { type NetworkConfig, networkConfigSchema } from './network.config.js';
import { NetworkModule } from './network.module.js';
import { servicesOf } from './network.providers.js';
import type { PeerHandlers, PeerMethodHandler } from './ports/peer-handlers.port.js';
import { PEER_PROTOCOLS, type PeerProtocols } from './ports/peer-protocols.port.js';
import { PEERS, type Peers } from './ports/peers.port.js';
import { TOPICS, type TopicMessage, type Topics } from './ports/topics.port.js';

const clock = new ManualClock();

@Global()
@Module({
  providers: [
    { provide: CLOCK, useValue: clock },
    { provide: RANDOM, useClass: SystemRandom },
    { provide: LOGGER, useClass: SilentLogger },
    { provide: METRICS, useClass: NoMetrics },
  ],
  exports: [CLOCK, RANDOM, LOGGER, METRICS],
})
class CommonModule {}

/** Answers peers' calls from the controllers, as the application's transport does. */
class Handlers implements PeerHandlers {
  app: INestApplicationContext | undefined;

  find(service: string, method: string): PeerMethodHandler | undefined {
    const { app } = this;
    if (app === undefined) return undefined;
    if (`${service}/${method}` === 'v1.Identity/Hello') {
      return {
        kind: 'unary',
        maxRequestBytes: 4_096,
        decode: (bytes) => fromBinary(StatusSchema, bytes),
        encode: (message) => toBinary(StatusSchema, message as never),
        handle: async (request, call) => app.get(IdentityController).hello(request as never, undefined, call),
      };
    }
    if (`${service}/${method}` === 'v1.Discovery/FindPeers') {
      return {
        kind: 'unary',
        maxRequestBytes: 4_096,
        decode: (bytes) => fromBinary(FindPeersReqSchema, bytes),
        encode: (message) => toBinary(FindPeersRespSchema, message as never),
        handle: async (request, call) =>
          app.get(DiscoveryController).findPeers(request as never, undefined, call),
      };
    }
    return undefined;
  }
}

interface NodeOptions {
  key: number;
  chainId?: number;
  bootnodes?: readonly string[] | undefined;
  config?: Partial<NetworkConfig>;
}

class Node {
  constructor(private readonly app: INestApplicationContext) {}

  get peers(): Peers {
    return this.app.get<Peers>(PEERS, { strict: false });
  }
  get topics(): Topics {
    return this.app.get<Topics>(TOPICS, { strict: false });
  }
  get protocols(): PeerProtocols {
    return this.app.get<PeerProtocols>(PEER_PROTOCOLS, { strict: false });
  }
  get address(): string {
    const address = this.peers.selfAddress();
    if (address === undefined) throw new Error('no address');
    return formatPeerAddress(address);
  }
  stop(): Promise<void> {
    return this.app.close();
  }
}

describe(NetworkModule.name, () => {
  const network = new MemoryNetwork();
  const running: Node[] = [];

  afterEach(async () => {
    for (const node of running.splice(0)) await node.stop();
  });

  async function start({ key, chainId = 100, bootnodes, config }: NodeOptions): Promise<Node> {
    const handlers = new Handlers();
    const networkModule = NetworkModule.forRoot({
      config: { ...networkConfigSchema.parse({ discovery: bootnodes !== undefined }), ...config },
      setup: { chainId, genesisHash: () => undefined, bootnodes, networkKey: testNetworkKey(key) },
      handlers,
      agent: 'edgekeeper/test',
      hostFactory: async () => new InMemoryHost({ network, peerId: testPeerId(key), clock }),
    });
    const root = { module: class {}, imports: [CommonModule, networkModule] };
    const app = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
    handlers.app = app;
    const node = new Node(app);
    running.push(node);
    return node;
  }

  const connected = (node: Node, key: number) =>
    node.peers.has(testPeerId(key))
      ? Promise.resolve()
      : waitFor(node.peers.events$, (event) => {
          return event.type === 'peer:connected' && event.peerId === testPeerId(key);
        });

  it('brings nodes together: bootnode, handshake both ways, discovery of a third', async () => {
    const lone = `/memory/9999/p2p/${testPeerId(9)}`;
    const boot = await start({ key: 1, bootnodes: [lone] });
    const second = await start({ key: 2, bootnodes: [boot.address] });
    const third = await start({ key: 3, bootnodes: [boot.address] });
    await Promise.all([connected(second, 1), connected(third, 1), connected(boot, 2), connected(boot, 3)]);
    const found = Promise.all([connected(second, 3), connected(third, 2)]);
    await clock.advanceAsync(5_000);
    await found;
    expect(second.peers.list().map(({ peerId }) => peerId)).toEqual([testPeerId(1), testPeerId(3)]);
  });

  it('gossips between peers and completes its streams at the end', async () => {
    const one = await start({ key: 1 });
    const two = await start({ key: 2 });
    const seen: TopicMessage[] = [];
    let ended = false;
    one.topics
      .subscribe('t', () => 'accept')
      .subscribe({
        next: (message) => seen.push(message),
        complete: () => {
          ended = true;
        },
      });
    two.topics.subscribe('t', () => 'accept');
    two.peers.add(one.peers.selfAddress() ?? { peerId: one.peers.self, transport: '' });
    await connected(one, 2);
    await two.topics.publish('t', Uint8Array.from([7]));
    await eventually(() => seen.length > 0);
    expect(seen).toMatchObject([{ from: testPeerId(2), data: Uint8Array.from([7]) }]);
    await one.stop();
    expect(ended).toBe(true);
  });

  it('parts from a node of another chain', async () => {
    const one = await start({ key: 1 });
    const other = await start({ key: 2, chainId: 7 });
    const failed = waitFor(other.peers.events$, ({ type }) => type === 'peer:handshake-failed');
    const address = one.peers.selfAddress();
    if (address !== undefined) other.peers.add(address);
    await failed;
    await eventually(() => one.peers.list().length === 0);
    expect(other.peers.list()).toEqual([]);
  });

  it('leaves no timer behind, and its peers see it go', async () => {
    const before = clock.pendingTimers;
    const one = await start({ key: 1 });
    const two = await start({ key: 2, bootnodes: [one.address] });
    await Promise.all([connected(one, 2), connected(two, 1)]);
    const left = waitFor(one.peers.events$, ({ type }) => type === 'peer:disconnected');
    two.peers.add({ peerId: testPeerId(9), transport: network.silentAddress() });
    let ended = false;
    two.peers.events$.subscribe({
      complete: () => {
        ended = true;
      },
    });
    await two.stop();
    await left;
    expect(ended).toBe(true);
    await one.stop();
    await eventually(() => clock.pendingTimers === before);
  });

  it.each([
    { name: 'no bootnodes', bootnodes: [] },
    { name: 'a bad bootnode', bootnodes: ['/ip4/1.2.3.4/tcp/1'] },
  ])('does not start with $name', async ({ bootnodes }) => {
    await expect(start({ key: 1, bootnodes })).rejects.toMatchObject({ code: 'NETWORK.SETUP_INVALID' });
  });

  it('does not start when it cannot listen', async () => {
    await start({ key: 1 });
    await expect(start({ key: 1 })).rejects.toMatchObject({ code: 'NETWORK.LISTEN_FAILED' });
  });
});

describe(servicesOf.name, () => {
  it.each([
    { discovery: true, expected: ['/disc/0.1', '/id/0.1', '/syncer/0.2'] },
    { discovery: false, expected: ['/id/0.1', '/syncer/0.2'] },
  ])('serves $expected', ({ discovery, expected }) => {
    const services = servicesOf(networkConfigSchema.parse({ discovery }));
    expect(Object.keys(services).sort()).toEqual(expected);
    expect(Object.values(services).flat().join()).not.toMatch(/System|Operator/);
  });
});
