import type { Provider } from '@nestjs/common';
import { Allowances } from '../../common/allowances.js';
import { CLOCK, type Clock } from '../../common/clock.js';
import { LOGGER, type Logger } from '../../common/logger.port.js';
import { METRICS, type MetricsRegistry } from '../../common/metrics.port.js';
import { RANDOM, type Random } from '../../common/random.js';
import { PinnedPeers } from './book/pinned-peers.js';
import { BanList } from './conduct/ban-list.js';
import { Conduct } from './conduct/conduct.service.js';
import { DialBackoff } from './dial/backoff.js';
import { BOOTNODES, type Bootnodes, parseBootnodes } from './dial/bootnodes.js';
import { PeerProtocolServer } from './grpc/protocol-server.js';
import { PeerRpcClient } from './grpc/stream-client.js';
import { createHost } from './host-factory.js';
import { CallRates, TOLD_REFUSALS } from './limits/call-rates.js';
import { RefusalCounts } from './limits/refusal-counts.js';
import { ResourceLedger } from './limits/resource-ledger.js';
import type { NetworkConfig, NetworkSetup } from './network.config.js';
import type { NetworkError } from './network.errors.js';
import { NETWORK_LOG } from './network.log.js';
import { createNetworkMetrics, NETWORK_METRICS, type NetworkMetrics } from './network.metrics.js';
import type { NetworkModuleOptions } from './network.module.js';
import { PeerTable } from './peers/peer-table.js';
import { HOST, type Host } from './ports/host.port.js';
import { PEER_HANDLERS, type PeerHandlers } from './ports/peer-handlers.port.js';
import { PEER_PROTOCOLS } from './ports/peer-protocols.port.js';
import type { PeerId, ProtocolId } from './ports/types.js';
import { provide } from './provide.js';
import { ConnectionSlots } from './slots/connection-slots.js';

/** Peers whose failures are remembered; many times what any node meets within the longest backoff. */
const BACKOFF_CAPACITY = 4_096;

/** Which services each protocol carries; an operator's service must never be among them. */
export function servicesOf({ protocols, discovery }: NetworkConfig): Record<ProtocolId, readonly string[]> {
  return {
    [protocols.identity]: ['v1.Identity'],
    ...(discovery && { [protocols.discovery]: ['v1.Discovery'] }),
    [protocols.sync]: ['v1.SyncPeer'],
  };
}

/** What is built from the module's settings; the rest is injectable as it is. */
export function settingProviders(config: NetworkConfig, setup: NetworkSetup, agent: string): Provider[] {
  const { maxInboundPeers: inbound, maxOutboundPeers: outbound } = config;
  const { reservedSlots: reserved, courtesySlots: courtesy } = config;
  const { reconnectBaseMs: baseMs, reconnectMaxMs: maxMs } = config;
  return [
    provide(NETWORK_LOG, [LOGGER], (log: Logger) => log.child('network')),
    provide(RefusalCounts, [], () => new RefusalCounts()),
    provide(
      NETWORK_METRICS,
      [METRICS, RefusalCounts],
      (metrics: MetricsRegistry, refusals: RefusalCounts) => {
        return refusals.beside(createNetworkMetrics(metrics));
      },
    ),
    ...limitProviders(config),
    provide(ConnectionSlots, [PinnedPeers], (pinned: PinnedPeers) => {
      return new ConnectionSlots({ inbound, outbound, reserved, courtesy }, pinned);
    }),
    provide(PeerTable, [CLOCK], (clock: Clock) => new PeerTable(clock)),
    provide(DialBackoff, [CLOCK, RANDOM], (clock: Clock, random: Random) => {
      return new DialBackoff({ baseMs, maxMs, capacity: BACKOFF_CAPACITY }, clock, random);
    }),
    provide(BOOTNODES, [HOST], ({ peerId }: Host): Bootnodes => {
      return config.discovery ? parseBootnodes(setup.bootnodes, peerId) : new Map();
    }),
    provide(
      PEER_PROTOCOLS,
      [HOST, ResourceLedger, CLOCK],
      (host: Host, ledger: ResourceLedger, clock: Clock) => {
        const openStream: Host['openStream'] = (...target) => host.openStream(...target);
        return new PeerRpcClient({ openStream, ledger, clock, userAgent: agent });
      },
    ),
  ];
}

/** What peers may cost, and what follows when one of them goes too far. */
function limitProviders({ limits }: NetworkConfig): Provider[] {
  return [
    provide(
      ResourceLedger,
      [CLOCK, NETWORK_METRICS, Conduct],
      (clock: Clock, metrics: NetworkMetrics, conduct: Conduct) => {
        const told = new Allowances(clock, TOLD_REFUSALS);
        return new ResourceLedger({
          limits,
          onRefused: ({ peerId, resource, scope, error }) => {
            metrics.limitRefused(resource, scope);
            // That all together have used something up is nobody's fault.
            if (scope !== 'total' && told.take(peerId)) conduct.judge(peerId, error);
          },
        });
      },
    ),
    provide(
      CallRates,
      [CLOCK, NETWORK_METRICS, Conduct],
      (clock: Clock, metrics: NetworkMetrics, conduct: Conduct) => {
        const onRefused = (peerId: PeerId, error: NetworkError) => {
          metrics.limitRefused('rates', 'peer');
          conduct.judge(peerId, error);
        };
        return new CallRates({ clock, limits, onRefused });
      },
    ),
  ];
}

/** The host that configuration names, guarded by the bans and reporting to the judge. */
export function hostProvider({
  config,
  setup,
  agent,
  hostFactory = createHost,
}: NetworkModuleOptions): Provider {
  return provide(
    HOST,
    [CLOCK, NETWORK_LOG, NETWORK_METRICS, ResourceLedger, BanList, Conduct],
    (
      clock: Clock,
      log: Logger,
      metrics: NetworkMetrics,
      ledger: ResourceLedger,
      { isRefused }: BanList,
      conduct: Conduct,
    ) => {
      const onMisbehaviour = (peerId: PeerId, error: NetworkError) => void conduct.judge(peerId, error);
      return hostFactory({ config, setup, clock, log, metrics, ledger, agent, isRefused, onMisbehaviour });
    },
  );
}

/** The server of the node-to-node protocols. */
export function serverProvider(config: NetworkConfig): Provider {
  const services = servicesOf(config);
  const served = Object.values(services).flat();
  const inject = [HOST, PEER_HANDLERS, ResourceLedger, CallRates, CLOCK, NETWORK_LOG, NETWORK_METRICS];
  return provide(
    PeerProtocolServer,
    inject,
    (
      host: Host,
      handlers: PeerHandlers,
      ledger: ResourceLedger,
      rates: CallRates,
      clock: Clock,
      log: Logger,
      metrics: NetworkMetrics,
    ) => {
      return new PeerProtocolServer({
        host,
        handlers,
        services,
        ledger,
        rates,
        sessionsPerPeer: config.limits.streamsPerProtocol,
        clock,
        log,
        onCallFinished: ({ path, status, durationMs }) => {
          const [, service = '', method = ''] = path.split('/');
          const isServed = served.includes(service) && handlers.find(service, method) !== undefined;
          metrics.peerCallAnswered(isServed ? path : 'other', status, durationMs);
        },
      });
    },
  );
}
