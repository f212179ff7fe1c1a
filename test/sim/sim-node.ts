import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { CLOCK, type Clock } from '../../src/common/clock.js';
import { LOGGER, SilentLogger } from '../../src/common/logger.port.js';
import { METRICS, NoMetrics } from '../../src/common/metrics.port.js';
import { RANDOM, type Random } from '../../src/common/random.js';
import { FindPeersReqSchema, FindPeersRespSchema } from '../../src/gen/v1/discovery_pb.js';
import { StatusSchema } from '../../src/gen/v1/identity_pb.js';
import { DialBackoff } from '../../src/modules/network/dial/backoff.js';
import { DialPolicy } from '../../src/modules/network/dial/dial-policy.js';
import { DiscoveryController } from '../../src/modules/network/discovery/discovery.controller.js';
import { IdentityController } from '../../src/modules/network/identity/identity.controller.js';
import { type NetworkConfig, networkConfigSchema } from '../../src/modules/network/network.config.js';
import { NetworkModule } from '../../src/modules/network/network.module.js';
import {
  DIAL_CANDIDATES,
  type DialCandidates,
} from '../../src/modules/network/ports/dial-candidates.port.js';
import { HOST, type Host } from '../../src/modules/network/ports/host.port.js';
import { PEER_PROTOCOLS } from '../../src/modules/network/ports/peer-protocols.port.js';
import { PEERS, type Peers } from '../../src/modules/network/ports/peers.port.js';
import type { PeerId } from '../../src/modules/network/ports/types.js';
import { ConnectionSlots } from '../../src/modules/network/slots/connection-slots.js';
import { isHopeLeft } from '../support/hope.js';
import { DirectProtocols } from './direct-protocols.js';
import { SeededRandom } from './seeded-random.js';
import { SimHost } from './sim-host.js';
import type { SimNetwork } from './sim-network.js';

const CHAIN_ID = 100;

export interface SimNodeOptions {
  readonly peerId: PeerId;
  readonly seed: number;
  /** Multiaddrs with `/p2p`. */
  readonly bootnodes: readonly string[];
  /** Nobody can dial it. */
  readonly isNated?: boolean;
  readonly config?: Partial<NetworkConfig>;
}

/** A node's real network module on a simulated network: all of its parts but the sockets, HTTP/2 and the clock. */
export class SimNode {
  private constructor(
    readonly peerId: PeerId,
    readonly config: NetworkConfig,
    private readonly app: TestingModule,
    private readonly network: SimNetwork,
  ) {}

  static async start(network: SimNetwork, options: SimNodeOptions): Promise<SimNode> {
    const { peerId, seed, bootnodes, isNated = false } = options;
    const config = networkConfigSchema.parse({ adapter: 'memory', peerStore: 'memory', ...options.config });
    const random = new SeededRandom(seed);
    const { clock, exchange } = network;
    const networkModule = NetworkModule.forRoot({
      config,
      setup: { chainId: CHAIN_ID, genesisHash: () => undefined, bootnodes, networkKey: new Uint8Array(32) },
      handlers: { find: () => undefined },
      agent: 'edgekeeper/sim',
      hostFactory: async ({ isRefused }) => new SimHost(network, random, { peerId, isRefused }),
    });
    if (isNated) network.hide(peerId);
    const app = await Test.createTestingModule({ imports: [commonModule(clock, random), networkModule] })
      .overrideProvider(PEER_PROTOCOLS)
      .useFactory({
        inject: [HOST],
        factory: (host: Host) => new DirectProtocols(host, exchange, clock, random),
      })
      .compile();
    const node = new SimNode(peerId, config, app, network);
    exchange.handlers.set(peerId, (path, request, caller) => node.#answer(path, request, caller));
    await app.init();
    return node;
  }

  async stop(): Promise<void> {
    this.network.exchange.handlers.delete(this.peerId);
    await this.app.close();
  }

  get address(): string {
    return `${this.#host.addresses()[0]}/p2p/${this.peerId}`;
  }

  peers(): PeerId[] {
    return this.app
      .get<Peers>(PEERS, { strict: false })
      .list()
      .map(({ peerId }) => peerId);
  }

  /** Outbound slots that no peer holds. */
  freeOutboundSlots(): number {
    const { active } = this.app.get(ConnectionSlots, { strict: false }).counts('outbound');
    return this.config.maxOutboundPeers - active;
  }

  /** Whether it is done: every outbound slot is held, or nobody is left to be dialed. */
  get isSettled(): boolean {
    if (this.freeOutboundSlots() === 0) return true;
    const candidates = this.app.get<DialCandidates>(DIAL_CANDIDATES, { strict: false });
    const policy = this.app.get(DialPolicy, { strict: false });
    return !isHopeLeft(candidates, policy, this.app.get(DialBackoff, { strict: false }));
  }

  disconnect(peerId: PeerId): Promise<void> {
    return this.#host.disconnect(peerId);
  }

  get #host(): Host {
    return this.app.get<Host>(HOST, { strict: false });
  }

  #answer(path: string, request: Uint8Array, peerId: PeerId): Uint8Array {
    const call = { peerId, signal: new AbortController().signal };
    if (path === '/v1.Identity/Hello') {
      const controller = this.app.get(IdentityController, { strict: false });
      return toBinary(StatusSchema, controller.hello(fromBinary(StatusSchema, request), undefined, call));
    }
    const controller = this.app.get(DiscoveryController, { strict: false });
    const answer = controller.findPeers(fromBinary(FindPeersReqSchema, request), undefined, call);
    return toBinary(FindPeersRespSchema, answer);
  }
}

function commonModule(clock: Clock, random: Random): DynamicModule {
  @Global()
  @Module({})
  class CommonModule {}
  return {
    module: CommonModule,
    providers: [
      { provide: CLOCK, useValue: clock },
      { provide: RANDOM, useValue: random },
      { provide: LOGGER, useClass: SilentLogger },
      { provide: METRICS, useClass: NoMetrics },
    ],
    exports: [CLOCK, RANDOM, LOGGER, METRICS],
  };
}
