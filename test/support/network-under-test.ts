import { create, toBinary } from '@bufbuild/protobuf';
import { NoMetrics } from '../../src/common/metrics.port.js';
import type { Random } from '../../src/common/random.js';
import { FindPeersRespSchema } from '../../src/gen/v1/discovery_pb.js';
import { InMemoryPeerStore } from '../../src/modules/network/adapters/memory/in-memory-peer-store.js';
import { parseNetworks } from '../../src/modules/network/address/cidr.js';
import { PeerBook } from '../../src/modules/network/book/peer-book.js';
import { PinnedPeers } from '../../src/modules/network/book/pinned-peers.js';
import { AuditLog } from '../../src/modules/network/conduct/audit-log.js';
import { BanList } from '../../src/modules/network/conduct/ban-list.js';
import { Conduct } from '../../src/modules/network/conduct/conduct.service.js';
import { DialBackoff } from '../../src/modules/network/dial/backoff.js';
import type { Bootnodes } from '../../src/modules/network/dial/bootnodes.js';
import { DialService } from '../../src/modules/network/dial/dial.service.js';
import { DialAttempts } from '../../src/modules/network/dial/dial-attempts.service.js';
import { DialHistory } from '../../src/modules/network/dial/dial-history.js';
import { DialPolicy } from '../../src/modules/network/dial/dial-policy.js';
import { DialStandings } from '../../src/modules/network/dial/dial-standings.js';
import { Dialer } from '../../src/modules/network/dial/dialer.service.js';
import { KeptPeers } from '../../src/modules/network/dial/kept-peers.js';
import { PeerKeeper } from '../../src/modules/network/dial/peer-keeper.service.js';
import { SlotRotation } from '../../src/modules/network/dial/slot-rotation.service.js';
import { BootnodeQuery } from '../../src/modules/network/discovery/bootnode-query.service.js';
import { CandidatePool } from '../../src/modules/network/discovery/candidate-pool.js';
import { CourtesyQuery } from '../../src/modules/network/discovery/courtesy-query.service.js';
import { DiscoveryService } from '../../src/modules/network/discovery/discovery.service.js';
import { EdgeDiscovery } from '../../src/modules/network/discovery/edge-discovery.js';
import { PeerQuery } from '../../src/modules/network/discovery/peer-query.service.js';
import { RoutingTable } from '../../src/modules/network/discovery/routing-table.js';
import { StaticDiscovery } from '../../src/modules/network/discovery/static-discovery.js';
import { Admission } from '../../src/modules/network/identity/admission.js';
import { HelloService } from '../../src/modules/network/identity/hello.service.js';
import { IdentityService } from '../../src/modules/network/identity/identity.service.js';
import { PeerRegister } from '../../src/modules/network/identity/peer-register.js';
import { Quarantine } from '../../src/modules/network/identity/quarantine.js';
import { TemporaryVisits } from '../../src/modules/network/identity/temporary-visits.service.js';
import { ResourceLedger } from '../../src/modules/network/limits/resource-ledger.js';
import { type NetworkConfig, networkConfigSchema } from '../../src/modules/network/network.config.js';
import type { PeerEvent } from '../../src/modules/network/network.events.js';
import { createNetworkMetrics } from '../../src/modules/network/network.metrics.js';
import { AddRequests } from '../../src/modules/network/peers/add-requests.service.js';
import { PeerControlService } from '../../src/modules/network/peers/peer-control.service.js';
import { PeerDescriptions } from '../../src/modules/network/peers/peer-descriptions.js';
import { PeerReports } from '../../src/modules/network/peers/peer-reports.js';
import { PeerStandings } from '../../src/modules/network/peers/peer-standings.js';
import { PeerTable } from '../../src/modules/network/peers/peer-table.js';
import { PeersService } from '../../src/modules/network/peers/peers.service.js';
import type { DialCandidates } from '../../src/modules/network/ports/dial-candidates.port.js';
import type { Direction, PeerAddress, PeerId } from '../../src/modules/network/ports/types.js';
import { ConnectionSlots } from '../../src/modules/network/slots/connection-slots.js';
import { aPeerId, type HelloScript, helloAnswer, numberOf, storyOf } from './identity-under-test.js';
import { ManualClock } from './manual-clock.js';
import { RecordingLogger } from './recording-logger.js';
import { ScriptedHost } from './scripted-host.js';
import { type ScriptedAnswer, ScriptedProtocols } from './scripted-protocols.js';

const HELLO = '/v1.Identity/Hello';
export const FIND_PEERS = '/v1.Discovery/FindPeers';
const CHAIN_ID = 100;

export { aPeerId } from './identity-under-test.js';

export function anAddress(n: number): PeerAddress {
  return { peerId: aPeerId(n), transport: `/ip4/127.0.0.1/tcp/${10_000 + n}` };
}

/** Always the first choice and the shortest wait. */
const firstChoice: Random = { bytes: (length) => new Uint8Array(length), below: () => 0 };

export interface NetworkUnderTestOptions {
  config?: Partial<NetworkConfig>;
  bootnodes?: readonly PeerAddress[];
  genesisHash?: string;
  /** In place of the pool. */
  candidates?: DialCandidates;
}

/** The network module's services on a scripted host, wired by hand, with a clock that stands still. Its own ID is `aPeerId(0)`. */
export class NetworkUnderTest {
  readonly clock = new ManualClock();
  readonly host = new ScriptedHost(aPeerId(0), this.clock);
  readonly protocols = new ScriptedProtocols(this.clock);
  readonly log = new RecordingLogger();
  readonly events: PeerEvent[] = [];
  readonly config: NetworkConfig;
  readonly slots: ConnectionSlots;
  readonly table = new PeerTable(this.clock);
  readonly backoff: DialBackoff;
  readonly routing: RoutingTable;
  readonly pool: CandidatePool;
  readonly store = new InMemoryPeerStore();
  readonly book: PeerBook;
  readonly pinned: PinnedPeers;
  readonly bans: BanList;
  readonly conduct: Conduct;
  readonly policy: DialPolicy;
  readonly history: DialHistory;
  readonly hello: HelloService;
  readonly identity: IdentityService;
  readonly dialer: Dialer;
  readonly dials: DialService;
  readonly keeper: PeerKeeper;
  readonly rotation: SlotRotation;
  readonly discovery: DiscoveryService;
  readonly query: PeerQuery;
  readonly visits: TemporaryVisits;
  readonly peers: PeersService;
  readonly control: PeerControlService;
  /** Answers of peers to Hello; a peer without one answers well, one with undefined never. */
  readonly hellos = new Map<PeerId, HelloScript | Error | undefined>();
  /** Answers of peers to FindPeers; a peer without one knows nobody, one with undefined never answers. */
  readonly found = new Map<PeerId, readonly string[] | Error | undefined>();

  constructor(options: NetworkUnderTestOptions = {}) {
    const { config = {}, bootnodes = [], genesisHash } = options;
    this.config = { ...networkConfigSchema.parse({}), ...config };
    const metrics = createNetworkMetrics(new NoMetrics());
    const setup = {
      chainId: CHAIN_ID,
      genesisHash: () => genesisHash,
      bootnodes: [],
      networkKey: new Uint8Array(32),
    };
    const known: Bootnodes = new Map(bootnodes.map((address) => [address.peerId, address]));
    const { clock, host, protocols, table, log } = this;
    this.routing = new RoutingTable(host.peerId, this.config.bucketSize, metrics);
    const { maxInboundPeers: inbound, maxOutboundPeers: outbound } = this.config;
    const { reservedSlots: reserved, courtesySlots: courtesy, quarantineMs } = this.config;
    const { reconnectBaseMs: baseMs, reconnectMaxMs: maxMs } = this.config;

    const { store } = this;
    const audit = new AuditLog(store, clock, log);
    this.book = new PeerBook(store, clock, log, { capacity: 4_096 });
    this.pinned = new PinnedPeers(store, log, this.config);
    this.bans = new BanList(store, clock, log, metrics);
    const { book, pinned, bans } = this;
    this.conduct = new Conduct(book, bans, pinned, table, clock, log, metrics);
    const { conduct } = this;
    const poolOptions = { self: host.peerId, denied: parseNetworks([]), countsLocal: false };
    this.pool = new CandidatePool(poolOptions, book, firstChoice, metrics);
    const { candidates = this.pool } = options;

    this.slots = new ConnectionSlots({ inbound, outbound, reserved, courtesy }, pinned);
    this.backoff = new DialBackoff({ baseMs, maxMs, capacity: 1_024 }, clock, firstChoice);
    const { slots, backoff } = this;
    const kept = new KeptPeers(known, pinned, book, table);
    const quarantine = new Quarantine(book, kept, table, clock, quarantineMs);

    this.hello = new HelloService(host, protocols, this.config, setup, slots);
    const admission = new Admission(slots, quarantine, book, pinned, conduct, clock);
    const register = new PeerRegister(table, slots, conduct, quarantine, log, metrics);
    this.identity = new IdentityService(host, this.hello, admission, register, conduct, clock, log);
    const { identity } = this;

    this.dialer = new Dialer(host, this.config, slots, table, book, clock, metrics);
    this.policy = new DialPolicy(host, slots, backoff, bans, quarantine, conduct);
    this.history = new DialHistory(table, backoff, book, clock, log);
    const attempts = new DialAttempts(this.dialer, identity, this.policy, this.history, table, log);
    this.dials = new DialService(attempts, this.dialer, this.policy, slots, table, candidates, log);
    this.keeper = new PeerKeeper(kept, this.dials, this.config, clock, log);
    this.rotation = new SlotRotation(
      kept,
      this.policy,
      table,
      identity,
      this.config,
      clock,
      firstChoice,
      log,
    );
    this.visits = new TemporaryVisits(this.hello, this.dialer, identity);

    const query = new PeerQuery(host, protocols, this.config, table, firstChoice, metrics);
    this.query = query;
    const bootnodeQuery = new BootnodeQuery(known, this.visits, query, table, slots, firstChoice);
    const courtesyQuery = new CourtesyQuery(identity, query, log);
    const edge = new EdgeDiscovery(this.config, slots, query, bootnodeQuery, courtesyQuery, clock, log);
    const discoveries = [edge, new StaticDiscovery(pinned, log)];
    const { config: settings, pool, routing } = this;
    this.discovery = new DiscoveryService(settings, discoveries, pool, book, table, routing, log);

    const ledger = new ResourceLedger({ limits: this.config.limits, onRefused: () => {} });
    const descriptions = new PeerDescriptions(host, conduct, pinned, bans, book, ledger, table);
    const dialStandings = new DialStandings(this.dials, this.dialer, backoff, slots, kept);
    const standings = new PeerStandings(host, table, book, bans, conduct, dialStandings, pool);
    const reports = new PeerReports(conduct, slots, clock, log);
    const requests = new AddRequests(this.dials, identity, table, host, this.config, clock, log);
    this.peers = new PeersService(host, table, descriptions, standings, requests, reports, identity);
    this.control = new PeerControlService(host, pinned, bans, audit, this.dials, identity, table);
    protocols.answer = ({ peerId, path }) =>
      path === HELLO ? this.#sayHello(peerId) : this.#tellPeers(peerId);
    table.events$.subscribe((event) => this.events.push(event));
  }

  start(): this {
    this.identity.start();
    this.dials.start();
    this.keeper.start();
    this.rotation.start();
    void this.discovery.start();
    return this;
  }

  /** In the order of the module. */
  async stop(): Promise<void> {
    await this.discovery.stop();
    this.rotation.stop();
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
    return storyOf(this.events, types);
  }

  /** Numbers of the peers in the table. */
  members(): number[] {
    return this.table.list().map(({ peerId }) => numberOf(peerId));
  }

  dialedNumbers(): number[] {
    return this.host.dialed.map(({ peerId }) => numberOf(peerId));
  }

  #sayHello(peerId: PeerId): ScriptedAnswer {
    const script = this.hellos.has(peerId) ? this.hellos.get(peerId) : {};
    if (script === undefined || script instanceof Error) return script;
    return helloAnswer(peerId, script);
  }

  #tellPeers(peerId: PeerId): ScriptedAnswer {
    const script = this.found.has(peerId) ? this.found.get(peerId) : [];
    if (script === undefined || script instanceof Error) return script;
    return toBinary(FindPeersRespSchema, create(FindPeersRespSchema, { nodes: [...script] }));
  }
}
