import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type DynamicModule, Global, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { lastValueFrom } from 'rxjs';
import { CLOCK, type Clock, SystemClock } from '../../src/common/clock.js';
import { LOGGER, type Logger, SilentLogger } from '../../src/common/logger.port.js';
import { METRICS, NoMetrics } from '../../src/common/metrics.port.js';
import { RANDOM, SystemRandom } from '../../src/common/random.js';
import { FindPeersReqSchema, FindPeersRespSchema } from '../../src/gen/v1/discovery_pb.js';
import { StatusSchema } from '../../src/gen/v1/identity_pb.js';
import { formatPeerAddress, parsePeerAddress } from '../../src/modules/network/address/peer-address.js';
import { DialBackoff } from '../../src/modules/network/dial/backoff.js';
import { DialPolicy } from '../../src/modules/network/dial/dial-policy.js';
import { DiscoveryController } from '../../src/modules/network/discovery/discovery.controller.js';
import type { HostFactory } from '../../src/modules/network/host-context.js';
import { createHost } from '../../src/modules/network/host-factory.js';
import { IdentityController } from '../../src/modules/network/identity/identity.controller.js';
import { type NetworkConfig, networkConfigSchema } from '../../src/modules/network/network.config.js';
import type { PeerEvent } from '../../src/modules/network/network.events.js';
import { NetworkModule } from '../../src/modules/network/network.module.js';
import {
  DIAL_CANDIDATES,
  type DialCandidates,
} from '../../src/modules/network/ports/dial-candidates.port.js';
import { HOST, type Host } from '../../src/modules/network/ports/host.port.js';
import { PEER_CONTROL, type PeerControl } from '../../src/modules/network/ports/peer-control.port.js';
import type { PeerHandlers, PeerMethodHandler } from '../../src/modules/network/ports/peer-handlers.port.js';
import { PEER_PROTOCOLS, type PeerProtocols } from '../../src/modules/network/ports/peer-protocols.port.js';
import { type AddProgress, PEERS, type Peers } from '../../src/modules/network/ports/peers.port.js';
import { TOPICS, type Topics } from '../../src/modules/network/ports/topics.port.js';
import type { PeerId } from '../../src/modules/network/ports/types.js';
import { ConnectionSlots } from '../../src/modules/network/slots/connection-slots.js';
import { eventually } from './eventually.js';
import { isHopeLeft } from './hope.js';
import { testNetworkKey } from './peer-ids.js';

/** Answers peers' calls from the network's own controllers, as the application's transport does. */
class ControllerHandlers implements PeerHandlers {
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

export interface NetworkNodeOptions {
  /** Its identity, see testNetworkKey; 1 unless `networkKey` says otherwise. */
  readonly key?: number;
  readonly networkKey?: Uint8Array;
  readonly chainId?: number;
  readonly genesisHash?: string;
  /** Multiaddrs with `/p2p`; none: discovery is off. */
  readonly bootnodes?: readonly string[] | undefined;
  readonly config?: object;
  readonly clock?: Clock;
  readonly log?: Logger;
  /** Folder for what it remembers; without one that is memory only. */
  readonly dataDir?: string;
  readonly hostFactory?: HostFactory;
}

/** The network module of a node by itself, on real sockets and a free port unless told otherwise. */
export class NetworkNode {
  /** All since the start. */
  readonly events: PeerEvent[] = [];
  #stopped: Promise<void> | undefined;

  private constructor(
    private readonly app: INestApplicationContext,
    readonly config: NetworkConfig,
  ) {
    this.peers.events$.subscribe((event) => this.events.push(event));
  }

  static async start(options: NetworkNodeOptions): Promise<NetworkNode> {
    const {
      key = 1,
      networkKey = testNetworkKey(key),
      chainId = 100,
      genesisHash,
      bootnodes,
      dataDir,
      hostFactory = createHost,
    } = options;
    const config = networkConfigSchema.parse({
      listenPort: 0,
      discovery: bootnodes !== undefined,
      peerStore: dataDir === undefined ? 'memory' : 'lmdb',
      ...options.config,
    });
    const handlers = new ControllerHandlers();
    const networkModule = NetworkModule.forRoot({
      config,
      setup: {
        chainId,
        genesisHash: () => genesisHash,
        bootnodes,
        networkKey,
        dataDir,
      },
      handlers,
      hostFactory,
      agent: 'edgekeeper/test',
    });
    const root = { module: class {}, imports: [commonModule(options), networkModule] };
    const app = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
    handlers.app = app;
    return new NetworkNode(app, config);
  }

  get peers(): Peers {
    return this.app.get<Peers>(PEERS, { strict: false });
  }

  get control(): PeerControl {
    return this.app.get<PeerControl>(PEER_CONTROL, { strict: false });
  }

  get topics(): Topics {
    return this.app.get<Topics>(TOPICS, { strict: false });
  }

  get protocols(): PeerProtocols {
    return this.app.get<PeerProtocols>(PEER_PROTOCOLS, { strict: false });
  }

  /** Whether every outbound slot is held, or nobody is left to be dialed. */
  get isSettled(): boolean {
    const { active } = this.app.get(ConnectionSlots, { strict: false }).counts('outbound');
    const candidates = this.app.get<DialCandidates>(DIAL_CANDIDATES, { strict: false });
    const policy = this.app.get(DialPolicy, { strict: false });
    const backoff = this.app.get(DialBackoff, { strict: false });
    return active >= this.config.maxOutboundPeers || !isHopeLeft(candidates, policy, backoff);
  }

  get host(): Host {
    return this.app.get<Host>(HOST, { strict: false });
  }

  /** Multiaddr with `/p2p`. */
  get address(): string {
    const address = this.peers.selfAddress();
    if (address === undefined) throw new Error('the node has no address');
    return formatPeerAddress(address);
  }

  get peerId(): PeerId {
    return this.peers.self;
  }

  /** IDs of its peers. */
  table(): PeerId[] {
    return this.peers.list().map(({ peerId }) => peerId);
  }

  /** Asks for a dial. @returns the last stage */
  async add(address: string): Promise<AddProgress> {
    return lastValueFrom(this.peers.add(parsePeerAddress(address)));
  }

  /** Resolves when the peer is in the table. */
  async has(other: { readonly peerId: PeerId }): Promise<void> {
    const describe = () => `${other.peerId} is not among ${this.table().join(', ')}`;
    await eventually(() => this.peers.has(other.peerId), { describe });
  }

  /** Resolves when the peer is in the table no more. */
  async lacks(other: { readonly peerId: PeerId }): Promise<void> {
    await eventually(() => !this.peers.has(other.peerId), {
      describe: () => `${other.peerId} is still there`,
    });
  }

  /** The first event of that type, past ones included. */
  async event<Type extends PeerEvent['type']>(
    type: Type,
    fits: (event: Extract<PeerEvent, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<PeerEvent, { type: Type }>> {
    const isWanted = (event: PeerEvent): event is Extract<PeerEvent, { type: Type }> =>
      event.type === type && fits(event as Extract<PeerEvent, { type: Type }>);
    await eventually(() => this.events.some(isWanted), {
      describe: () => `no fitting ${type} among ${this.events.map((event) => event.type).join(', ')}`,
    });
    const found = this.events.find(isWanted);
    if (found === undefined) throw new Error('events do not go away');
    return found;
  }

  async stop(): Promise<void> {
    this.#stopped ??= this.app.close();
    await this.#stopped;
  }
}

function commonModule({
  clock = new SystemClock(),
  log = new SilentLogger(),
}: NetworkNodeOptions): DynamicModule {
  @Global()
  @Module({})
  class CommonModule {}
  return {
    module: CommonModule,
    providers: [
      { provide: CLOCK, useValue: clock },
      { provide: RANDOM, useClass: SystemRandom },
      { provide: LOGGER, useValue: log },
      { provide: METRICS, useClass: NoMetrics },
    ],
    exports: [CLOCK, RANDOM, LOGGER, METRICS],
  };
}
