import { type DynamicModule, Module } from '@nestjs/common';
import { OpenParts } from '../../common/open-parts.js';
import { DialService } from './dial/dial.service.js';
import { DialAttempts } from './dial/dial-attempts.service.js';
import { DialHistory } from './dial/dial-history.js';
import { DialPolicy } from './dial/dial-policy.js';
import { DialStandings } from './dial/dial-standings.js';
import { Dialer } from './dial/dialer.service.js';
import { KeptPeers } from './dial/kept-peers.js';
import { PeerKeeper } from './dial/peer-keeper.service.js';
import { SlotRotation } from './dial/slot-rotation.service.js';
import { BootnodeQuery } from './discovery/bootnode-query.service.js';
import { CourtesyQuery } from './discovery/courtesy-query.service.js';
import { DiscoveryController } from './discovery/discovery.controller.js';
import { DiscoveryService } from './discovery/discovery.service.js';
import { PeerQuery } from './discovery/peer-query.service.js';
import { TopicsService } from './gossip/topics.service.js';
import type { HostFactory } from './host-context.js';
import { IdentityController } from './identity/identity.controller.js';
import { NetworkLoadService } from './limits/network-load.service.js';
import { UsageReport } from './limits/usage-report.service.js';
import { NETWORK_CONFIG, NETWORK_SETUP, type NetworkConfig, type NetworkSetup } from './network.config.js';
import { NetworkLifecycle } from './network.lifecycle.js';
import { hostProvider, serverProvider, settingProviders } from './network.providers.js';
import { NetworkControlService } from './network-control.service.js';
import { discoveryProviders, identityProviders, memoryProviders } from './peer.providers.js';
import { AddRequests } from './peers/add-requests.service.js';
import { PeerControlService } from './peers/peer-control.service.js';
import { PeerDescriptions } from './peers/peer-descriptions.js';
import { PeerReports } from './peers/peer-reports.js';
import { PeerStandings } from './peers/peer-standings.js';
import { PeersService } from './peers/peers.service.js';
import { NETWORK_CONTROL } from './ports/network-control.port.js';
import { NETWORK_LOAD } from './ports/network-load.port.js';
import { PEER_CONTROL } from './ports/peer-control.port.js';
import { PEER_HANDLERS, type PeerHandlers } from './ports/peer-handlers.port.js';
import { PEER_PROTOCOLS } from './ports/peer-protocols.port.js';
import { PEERS } from './ports/peers.port.js';
import { TOPICS } from './ports/topics.port.js';

export interface NetworkModuleOptions {
  readonly config: NetworkConfig;
  readonly setup: NetworkSetup;
  /** Who answers peers' calls: the application's controllers. */
  readonly handlers: PeerHandlers;
  /** What identify and gRPC say of us, such as `edgekeeper/0.1.0`; nodes of our kind know each other by its beginning. */
  readonly agent: string;
  /** Another host than the one `config.adapter` names, for tests and simulations. */
  readonly hostFactory?: HostFactory;
  /** Closes what the module has opened when the application could not be made. */
  readonly openParts?: OpenParts;
}

/** Connections, handshake, dialing, discovery, gossip, and gRPC between nodes. Needs LOGGER, CLOCK, RANDOM and METRICS from a global module. */
@Module({})
export class NetworkModule {
  static forRoot(options: NetworkModuleOptions): DynamicModule {
    const { config, setup, handlers, agent, openParts = new OpenParts() } = options;
    return {
      module: NetworkModule,
      controllers: config.discovery ? [IdentityController, DiscoveryController] : [IdentityController],
      providers: [
        { provide: NETWORK_CONFIG, useValue: config },
        { provide: NETWORK_SETUP, useValue: setup },
        { provide: PEER_HANDLERS, useValue: handlers },
        hostProvider(options),
        ...settingProviders(config, setup, agent),
        ...memoryProviders(config, setup, openParts),
        ...discoveryProviders(config),
        serverProvider(config),
        ...identityProviders(),
        KeptPeers,
        Dialer,
        DialPolicy,
        DialHistory,
        DialAttempts,
        DialService,
        PeerKeeper,
        SlotRotation,
        PeerQuery,
        BootnodeQuery,
        CourtesyQuery,
        DiscoveryService,
        TopicsService,
        UsageReport,
        PeerDescriptions,
        DialStandings,
        PeerStandings,
        PeerReports,
        AddRequests,
        PeersService,
        PeerControlService,
        NetworkControlService,
        NetworkLoadService,
        NetworkLifecycle,
        { provide: PEERS, useExisting: PeersService },
        { provide: PEER_CONTROL, useExisting: PeerControlService },
        { provide: NETWORK_CONTROL, useExisting: NetworkControlService },
        { provide: NETWORK_LOAD, useExisting: NetworkLoadService },
        { provide: TOPICS, useExisting: TopicsService },
      ],
      exports: [PEERS, PEER_CONTROL, TOPICS, PEER_PROTOCOLS, NETWORK_CONTROL, NETWORK_LOAD],
    };
  }
}
