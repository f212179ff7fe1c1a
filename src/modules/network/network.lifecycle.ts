import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { DialService } from './dial/dial.service.js';
import { PeerKeeper } from './dial/peer-keeper.service.js';
import { DiscoveryService } from './discovery/discovery.service.js';
import { TopicsService } from './gossip/topics.service.js';
import { PeerProtocolServer } from './grpc/protocol-server.js';
import { IdentityService } from './identity/identity.service.js';
import { HOST, type Host } from './ports/host.port.js';

/** The order in which the module's parts come up and go down, which Nest's hooks alone do not fix. */
@Injectable()
export class NetworkLifecycle
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  constructor(
    @Inject(HOST) private readonly host: Host,
    private readonly server: PeerProtocolServer,
    private readonly identity: IdentityService,
    private readonly topics: TopicsService,
    private readonly dials: DialService,
    private readonly keeper: PeerKeeper,
    private readonly discovery: DiscoveryService,
  ) {}

  /** A peer's first call may arrive with its connection, so everything that answers is there before the host starts. */
  async onApplicationBootstrap(): Promise<void> {
    this.identity.start();
    this.server.start();
    await this.host.start();
    this.dials.start();
    this.keeper.start();
    this.discovery.start();
  }

  /** Looks for no more peers; those that are there still get answers. */
  beforeApplicationShutdown(): void {
    this.discovery.stop();
    this.keeper.stop();
    this.dials.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    this.topics.stop();
    await this.server.stop();
    await this.host.stop();
    this.identity.stop();
  }
}
