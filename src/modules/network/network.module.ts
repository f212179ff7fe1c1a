import { type DynamicModule, Module } from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock.js';
import type { Logger } from '../../common/logger.port.js';
import { DialService } from './dial/dial.service.js';
import { Dialer } from './dial/dialer.service.js';
import { PeerKeeper } from './dial/peer-keeper.service.js';
import { BootnodeQuery } from './discovery/bootnode-query.service.js';
import { DiscoveryController } from './discovery/discovery.controller.js';
import { DiscoveryService } from './discovery/discovery.service.js';
import { PeerQuery } from './discovery/peer-query.service.js';
import { RoutingTable } from './discovery/routing-table.js';
import { TopicsService } from './gossip/topics.service.js';
import { createHost, type HostFactory } from './host-factory.js';
import { HelloService } from './identity/hello.service.js';
import { IdentityController } from './identity/identity.controller.js';
import { IdentityService } from './identity/identity.service.js';
import { TemporaryVisits } from './identity/temporary-visits.service.js';
import { NETWORK_CONFIG, NETWORK_SETUP, type NetworkConfig, type NetworkSetup } from './network.config.js';
import { NetworkLifecycle } from './network.lifecycle.js';
import { NETWORK_LOG } from './network.log.js';
import { NETWORK_METRICS, type NetworkMetrics } from './network.metrics.js';
import { serverProvider, settingProviders } from './network.providers.js';
import { PeersService } from './peers/peers.service.js';
import { HOST } from './ports/host.port.js';
import { PEER_HANDLERS, type PeerHandlers } from './ports/peer-handlers.port.js';
import { PEER_PROTOCOLS } from './ports/peer-protocols.port.js';
import { PEERS } from './ports/peers.port.js';
import { TOPICS } from './ports/topics.port.js';

export interface NetworkModuleOptions {
  readonly config: NetworkConfig;
  readonly setup: NetworkSetup;
  /** Who answers peers' calls: the application's controllers. */
  readonly handlers: PeerHandlers;
  /** What identify and gRPC say of us. */
  readonly agent?: string;
  /** Another host than the one `config.adapter` names, for tests and simulations. */
  readonly hostFactory?: HostFactory;
}

/** Connections, handshake, dialing, discovery, gossip, and gRPC between nodes. Needs LOGGER, CLOCK, RANDOM and METRICS from a global module. */
@Module({})
export class NetworkModule {
  static forRoot({
    config,
    setup,
    handlers,
    agent = 'edgekeeper',
    hostFactory = createHost,
  }: NetworkModuleOptions): DynamicModule {
    const { networkKey } = setup;
    return {
      module: NetworkModule,
      controllers: config.discovery ? [IdentityController, DiscoveryController] : [IdentityController],
      providers: [
        { provide: NETWORK_CONFIG, useValue: config },
        { provide: NETWORK_SETUP, useValue: setup },
        { provide: PEER_HANDLERS, useValue: handlers },
        {
          provide: HOST,
          inject: [CLOCK, NETWORK_LOG, NETWORK_METRICS],
          useFactory: (clock: Clock, log: Logger, { gossipDropped: onGossipDropped }: NetworkMetrics) =>
            hostFactory({ config, networkKey, clock, log, agent, onGossipDropped }),
        },
        ...settingProviders(config, setup, agent),
        serverProvider(config),
        RoutingTable,
        HelloService,
        IdentityService,
        TemporaryVisits,
        Dialer,
        DialService,
        PeerKeeper,
        PeerQuery,
        BootnodeQuery,
        DiscoveryService,
        TopicsService,
        PeersService,
        NetworkLifecycle,
        { provide: PEERS, useExisting: PeersService },
        { provide: TOPICS, useExisting: TopicsService },
      ],
      exports: [PEERS, TOPICS, PEER_PROTOCOLS],
    };
  }
}
