import { join } from 'node:path';
import type { Provider } from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock.js';
import type { Logger } from '../../common/logger.port.js';
import type { OpenParts } from '../../common/open-parts.js';
import { RANDOM, type Random } from '../../common/random.js';
import { openLmdbPeerStore } from './adapters/lmdb/lmdb-peer-store.adapter.js';
import { InMemoryPeerStore } from './adapters/memory/in-memory-peer-store.js';
import { parseNetworks } from './address/cidr.js';
import { PeerBook } from './book/peer-book.js';
import { PeerMemory } from './book/peer-memory.service.js';
import { PinnedPeers } from './book/pinned-peers.js';
import { AuditLog } from './conduct/audit-log.js';
import { BanList } from './conduct/ban-list.js';
import { Conduct } from './conduct/conduct.service.js';
import { KeptPeers } from './dial/kept-peers.js';
import { AnnouncePolicy } from './discovery/announce-policy.js';
import { CandidatePool } from './discovery/candidate-pool.js';
import { EdgeDiscovery } from './discovery/edge-discovery.js';
import { RoutingTable } from './discovery/routing-table.js';
import { StaticDiscovery } from './discovery/static-discovery.js';
import { Admission } from './identity/admission.js';
import { HelloService } from './identity/hello.service.js';
import { IdentityService } from './identity/identity.service.js';
import { PeerRegister } from './identity/peer-register.js';
import { Quarantine } from './identity/quarantine.js';
import { TemporaryVisits } from './identity/temporary-visits.service.js';
import type { NetworkConfig, NetworkSetup } from './network.config.js';
import { NETWORK_LOG } from './network.log.js';
import { NETWORK_METRICS, type NetworkMetrics } from './network.metrics.js';
import { PeerTable } from './peers/peer-table.js';
import { DIAL_CANDIDATES } from './ports/dial-candidates.port.js';
import { HOST, type Host } from './ports/host.port.js';
import { PEER_DISCOVERY, type PeerDiscovery } from './ports/peer-discovery.port.js';
import { PEER_STORE, type PeerStore } from './ports/peer-store.port.js';
import { provide } from './provide.js';
import { ConnectionSlots } from './slots/connection-slots.js';

/** What is remembered of peers, and who decides whom to let in. */
export function memoryProviders(
  config: NetworkConfig,
  { dataDir }: NetworkSetup,
  openParts: OpenParts,
): Provider[] {
  const { peerStoreCapacity: capacity, quarantineMs } = config;
  return [
    provide(PEER_STORE, [NETWORK_LOG], async (log: Logger): Promise<PeerStore> => {
      if (config.peerStore === 'memory' || dataDir === undefined) return new InMemoryPeerStore();
      return openParts.keep(openLmdbPeerStore({ path: join(dataDir, 'edgekeeper', 'peers'), log }));
    }),
    provide(PeerBook, [PEER_STORE, CLOCK, NETWORK_LOG], (store: PeerStore, clock: Clock, log: Logger) => {
      return new PeerBook(store, clock, log, { capacity });
    }),
    provide(PinnedPeers, [PEER_STORE, NETWORK_LOG], (store: PeerStore, log: Logger) => {
      return new PinnedPeers(store, log, config);
    }),
    provide(AuditLog, [PEER_STORE, CLOCK, NETWORK_LOG], (store: PeerStore, clock: Clock, log: Logger) => {
      return new AuditLog(store, clock, log);
    }),
    provide(
      BanList,
      [PEER_STORE, CLOCK, NETWORK_LOG, NETWORK_METRICS],
      (store: PeerStore, clock: Clock, log: Logger, metrics: NetworkMetrics) => {
        return new BanList(store, clock, log, metrics);
      },
    ),
    Conduct,
    PeerMemory,
    provide(
      Quarantine,
      [PeerBook, KeptPeers, PeerTable, CLOCK],
      (book: PeerBook, kept: KeptPeers, table: PeerTable, clock: Clock) => {
        return new Quarantine(book, kept, table, clock, quarantineMs);
      },
    ),
  ];
}

/** Who decides about connections that come up. */
export function identityProviders(): Provider[] {
  return [
    HelloService,
    provide(
      Admission,
      [ConnectionSlots, Quarantine, PeerBook, PinnedPeers, Conduct, CLOCK],
      (
        slots: ConnectionSlots,
        quarantine: Quarantine,
        book: PeerBook,
        pinned: PinnedPeers,
        conduct: Conduct,
        clock: Clock,
      ) => new Admission(slots, quarantine, book, pinned, conduct, clock),
    ),
    provide(
      PeerRegister,
      [PeerTable, ConnectionSlots, Conduct, Quarantine, NETWORK_LOG, NETWORK_METRICS],
      (
        table: PeerTable,
        slots: ConnectionSlots,
        conduct: Conduct,
        quarantine: Quarantine,
        log: Logger,
        metrics: NetworkMetrics,
      ) => new PeerRegister(table, slots, conduct, quarantine, log, metrics),
    ),
    IdentityService,
    TemporaryVisits,
  ];
}

/** Ways of finding peers and what they lead to, as far as configuration names them. */
export function discoveryProviders(config: NetworkConfig): Provider[] {
  const { bucketSize, limits, peerSources } = config;
  return [
    provide(RoutingTable, [HOST, NETWORK_METRICS], ({ peerId }: Host, metrics: NetworkMetrics) => {
      return new RoutingTable(peerId, bucketSize, metrics);
    }),
    provide(AnnouncePolicy, [PeerBook, BanList], (book: PeerBook, bans: BanList) => {
      return new AnnouncePolicy(parseNetworks(config.announceDenyCidrs), book, bans);
    }),
    provide(
      CandidatePool,
      [HOST, PeerBook, RANDOM, NETWORK_METRICS],
      ({ peerId: self }: Host, book: PeerBook, random: Random, metrics: NetworkMetrics) => {
        const denied = parseNetworks(config.acceptDenyCidrs);
        const countsLocal = limits.loopback === 'count';
        return new CandidatePool({ self, denied, countsLocal }, book, random, metrics);
      },
    ),
    { provide: DIAL_CANDIDATES, useExisting: CandidatePool },
    provide(
      PEER_DISCOVERY,
      [EdgeDiscovery, StaticDiscovery, HOST],
      (edge: PeerDiscovery, statics: PeerDiscovery, host: Host): readonly PeerDiscovery[] => {
        return [edge, statics, ...host.discoveries].filter(({ name }) =>
          peerSources.some((wanted) => wanted === name),
        );
      },
    ),
    EdgeDiscovery,
    StaticDiscovery,
  ];
}
