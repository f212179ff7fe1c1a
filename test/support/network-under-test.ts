import { create, toBinary } from '@bufbuild/protobuf';
import { SilentLogger } from '../../src/common/logger.port.js';
import { NoMetrics } from '../../src/common/metrics.port.js';
import type { Random } from '../../src/common/random.js';
import { FindPeersRespSchema } from '../../src/gen/v1/discovery_pb.js';
import { StatusSchema } from '../../src/gen/v1/identity_pb.js';
import { peerIdOf } from '../../src/modules/network/address/peer-id.js';
import { DialBackoff } from '../../src/modules/network/dial/backoff.js';
import type { Bootnodes } from '../../src/modules/network/dial/bootnodes.js';
import { DialService } from '../../src/modules/network/dial/dial.service.js';
import { Dialer } from '../../src/modules/network/dial/dialer.service.js';
import { PeerKeeper } from '../../src/modules/network/dial/peer-keeper.service.js';
import { BootnodeQuery } from '../../src/modules/network/discovery/bootnode-query.service.js';
import { DiscoveryService } from '../../src/modules/network/discovery/discovery.service.js';
import { PeerQuery } from '../../src/modules/network/discovery/peer-query.service.js';
import { RoutingTable } from '../../src/modules/network/discovery/routing-table.js';
import { HelloService } from '../../src/modules/network/identity/hello.service.js';
import { IdentityService } from '../../src/modules/network/identity/identity.service.js';
import { TemporaryVisits } from '../../src/modules/network/identity/temporary-visits.service.js';
import { type NetworkConfig, networkConfigSchema } from '../../src/modules/network/network.config.js';
import type { PeerEvent } from '../../src/modules/network/network.events.js';
import { createNetworkMetrics } from '../../src/modules/network/network.metrics.js';
import { PeerTable } from '../../src/modules/network/peers/peer-table.js';
import { PeersService } from '../../src/modules/network/peers/peers.service.js';
import type { Direction, PeerAddress, PeerId } from '../../src/modules/network/ports/types.js';
import { ConnectionSlots } from '../../src/modules/network/slots/connection-slots.js';
import { ManualClock } from './manual-clock.js';
import { ScriptedHost } from './scripted-host.js';
import { type ScriptedAnswer, ScriptedProtocols } from './scripted-protocols.js';

export const HELLO = '/v1.Identity/Hello';
export const FIND_PEERS = '/v1.Discovery/FindPeers';
const CHAIN_ID = 100;

/** A valid peer ID for each number from 0 to 65535. */
export function aPeerId(n: number): PeerId {
  const key = [2, ...new Array<number>(30).fill(7), n >> 8, n & 0xff];
  return peerIdOf(Uint8Array.from([0, 37, 8, 2, 0x12, 0x21, ...key]));
}

export function anAddress(n: number): PeerAddress {
  return { peerId: aPeerId(n), transport: `/ip4/127.0.0.1/tcp/${10_000 + n}` };
}

/** Always the first choice and the shortest wait. */
const firstChoice: Random = { bytes: (length) => new Uint8Array(length), below: () => 0 };

/** What a peer answers to Hello. */
export interface HelloScript {
  chain?: number;
  genesis?: string;
  claimed?: string;
  temporaryDial?: boolean;
}

export interface NetworkUnderTestOptions {
  config?: Partial<NetworkConfig>;
  bootnodes?: readonly PeerAddress[];
  genesisHash?: string;
}

/** The network module's services on a scripted host, wired by hand, with a clock that stands still. Its own ID is `aPeerId(0)`. */
export class NetworkUnderTest {
  readonly clock = new ManualClock();
  readonly host = new ScriptedHost(aPeerId(0), this.clock);
  readonly protocols = new ScriptedProtocols(this.clock);
  readonly events: PeerEvent[] = [];
  readonly config: NetworkConfig;
  readonly slots: ConnectionSlots;
  readonly table = new PeerTable(this.clock);
  readonly backoff: DialBackoff;
  readonly routing = new RoutingTable();
  readonly hello: HelloService;
  readonly identity: IdentityService;
  readonly dialer: Dialer;
  readonly dials: DialService;
  readonly keeper: PeerKeeper;
  readonly discovery: DiscoveryService;
  readonly visits: TemporaryVisits;
  readonly peers: PeersService;
  /** Answers of peers to Hello; a peer without one answers well, one with undefined never. */
  readonly hellos = new Map<PeerId, HelloScript | Error | undefined>();
  /** Answers of peers to FindPeers; a peer without one knows nobody, one with undefined never answers. */
  readonly found = new Map<PeerId, readonly string[] | Error | undefined>();

  constructor({ config = {}, bootnodes = [], genesisHash }: NetworkUnderTestOptions = {}) {
    this.config = { ...networkConfigSchema.parse({}), ...config };
    const log = new SilentLogger();
    const metrics = createNetworkMetrics(new NoMetrics());
    const setup = {
      chainId: CHAIN_ID,
      genesisHash: () => genesisHash,
      bootnodes: [],
      networkKey: new Uint8Array(32),
    };
    const known: Bootnodes = new Map(bootnodes.map((address) => [address.peerId, address]));
    const { clock, host, protocols, table } = this;
    const { maxInboundPeers: inbound, maxOutboundPeers: outbound } = this.config;
    const { reconnectBaseMs: baseMs, reconnectMaxMs: maxMs } = this.config;
    this.slots = new ConnectionSlots({ inbound, outbound });
    this.backoff = new DialBackoff({ baseMs, maxMs, capacity: 1_024 }, clock, firstChoice);
    this.hello = new HelloService(host, protocols, this.config, setup);
    this.identity = new IdentityService(host, this.hello, this.slots, table, clock, log, metrics);
    this.dialer = new Dialer(host, this.config, this.slots, table, clock, metrics);
    this.dials = new DialService(this.dialer, this.slots, table, this.backoff, log);
    this.keeper = new PeerKeeper(known, this.config, this.dials, table, clock, log);
    this.visits = new TemporaryVisits(this.hello, this.dialer, this.identity);
    const query = new PeerQuery(host, protocols, this.config, this.dials, table, firstChoice, metrics);
    const bootnodeQuery = new BootnodeQuery(known, this.visits, query, table, this.slots, firstChoice);
    this.discovery = new DiscoveryService(
      this.config,
      table,
      this.routing,
      this.slots,
      query,
      bootnodeQuery,
      clock,
      log,
    );
    this.peers = new PeersService(host, table, this.dials, this.identity, log);
    protocols.answer = ({ peerId, path }) =>
      path === HELLO ? this.#sayHello(peerId) : this.#tellPeers(peerId);
    table.events$.subscribe((event) => this.events.push(event));
  }

  start(): this {
    this.identity.start();
    this.dials.start();
    this.keeper.start();
    this.discovery.start();
    return this;
  }

  /** In the order of the module. */
  async stop(): Promise<void> {
    this.discovery.stop();
    this.keeper.stop();
    this.dials.stop();
    await this.host.stop();
    this.identity.stop();
  }

  /** Lets promises and timers run, `ms` of time passing. */
  async settle(ms = 0): Promise<void> {
    await this.clock.advanceAsync(ms);
    await this.clock.advanceAsync(0);
  }

  /** Opens a connection and sees its handshake through. */
  async connect(n: number, direction: Direction = 'inbound'): Promise<PeerId> {
    this.host.open(aPeerId(n), direction);
    await this.settle();
    return aPeerId(n);
  }

  /** Events in short, such as `peer:connected 3` or `peer:dial-failed 3 NETWORK.DIAL_FAILED`. */
  story(...types: PeerEvent['type'][]): string[] {
    const chosen = this.events.filter(({ type }) => types.length === 0 || types.includes(type));
    return chosen.map((event) => {
      const peerId = event.type === 'peer:dial-queued' ? event.address.peerId : event.peerId;
      const error = 'error' in event ? event.error : 'cause' in event ? event.cause : undefined;
      return [event.type, this.#numberOf(peerId), error?.code].filter((part) => part !== undefined).join(' ');
    });
  }

  /** Numbers of the peers in the table. */
  members(): number[] {
    return this.table.list().map(({ peerId }) => this.#numberOf(peerId));
  }

  dialedNumbers(): number[] {
    return this.host.dialed.map(({ peerId }) => this.#numberOf(peerId));
  }

  #numberOf(peerId: PeerId): number {
    for (let n = 0; n < 65_536; n++) if (aPeerId(n) === peerId) return n;
    throw new Error(`${peerId} is no peer of this test`);
  }

  #sayHello(peerId: PeerId): ScriptedAnswer {
    const script = this.hellos.has(peerId) ? this.hellos.get(peerId) : {};
    if (script === undefined || script instanceof Error) return script;
    const status = create(StatusSchema, {
      metadata: { peerID: script.claimed ?? peerId },
      chain: BigInt(script.chain ?? CHAIN_ID),
      genesis: script.genesis ?? '',
      temporaryDial: script.temporaryDial ?? false,
    });
    return toBinary(StatusSchema, status);
  }

  #tellPeers(peerId: PeerId): ScriptedAnswer {
    const script = this.found.has(peerId) ? this.found.get(peerId) : [];
    if (script === undefined || script instanceof Error) return script;
    return toBinary(FindPeersRespSchema, create(FindPeersRespSchema, { nodes: [...script] }));
  }
}
