import type { FactoryProvider, Provider } from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock.js';
import { LOGGER, type Logger } from '../../common/logger.port.js';
import { METRICS } from '../../common/metrics.port.js';
import { RANDOM, type Random } from '../../common/random.js';
import { DialBackoff } from './dial/backoff.js';
import { BOOTNODES, type Bootnodes, parseBootnodes } from './dial/bootnodes.js';
import { PeerProtocolServer } from './grpc/protocol-server.js';
import { PeerRpcClient } from './grpc/stream-client.js';
import type { NetworkConfig, NetworkSetup } from './network.config.js';
import { NETWORK_LOG } from './network.log.js';
import { createNetworkMetrics, NETWORK_METRICS, type NetworkMetrics } from './network.metrics.js';
import { PeerTable } from './peers/peer-table.js';
import { HOST, type Host } from './ports/host.port.js';
import { PEER_HANDLERS, type PeerHandlers } from './ports/peer-handlers.port.js';
import { PEER_PROTOCOLS } from './ports/peer-protocols.port.js';
import type { ProtocolId } from './ports/types.js';
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
  const { reconnectBaseMs: baseMs, reconnectMaxMs: maxMs } = config;
  return [
    provide(NETWORK_LOG, [LOGGER], (log: Logger) => log.child('network')),
    provide(NETWORK_METRICS, [METRICS], createNetworkMetrics),
    provide(ConnectionSlots, [], () => new ConnectionSlots({ inbound, outbound })),
    provide(PeerTable, [CLOCK], (clock: Clock) => new PeerTable(clock)),
    provide(DialBackoff, [CLOCK, RANDOM], (clock: Clock, random: Random) => {
      return new DialBackoff({ baseMs, maxMs, capacity: BACKOFF_CAPACITY }, clock, random);
    }),
    provide(BOOTNODES, [HOST], ({ peerId }: Host): Bootnodes => {
      return config.discovery ? parseBootnodes(setup.bootnodes, peerId) : new Map();
    }),
    provide(PEER_PROTOCOLS, [HOST, CLOCK], (host: Host, clock: Clock) => {
      const openStream: Host['openStream'] = (...target) => host.openStream(...target);
      return new PeerRpcClient({ openStream, clock, userAgent: agent });
    }),
  ];
}

/** The server of the node-to-node protocols. */
export function serverProvider(config: NetworkConfig): Provider {
  const services = servicesOf(config);
  const served = Object.values(services).flat();
  const inject = [HOST, PEER_HANDLERS, CLOCK, NETWORK_LOG, NETWORK_METRICS];
  return provide(
    PeerProtocolServer,
    inject,
    (host: Host, handlers: PeerHandlers, clock: Clock, log: Logger, metrics: NetworkMetrics) => {
      return new PeerProtocolServer({
        host,
        handlers,
        services,
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

function provide(
  token: FactoryProvider['provide'],
  inject: NonNullable<FactoryProvider['inject']>,
  useFactory: FactoryProvider['useFactory'],
): FactoryProvider {
  return { provide: token, inject, useFactory };
}
