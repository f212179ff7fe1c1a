import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { PeerMemory } from './book/peer-memory.service.js';
import { DialService } from './dial/dial.service.js';
import { PeerKeeper } from './dial/peer-keeper.service.js';
import { SlotRotation } from './dial/slot-rotation.service.js';
import { DiscoveryService } from './discovery/discovery.service.js';
import { TopicsService } from './gossip/topics.service.js';
import { PeerProtocolServer } from './grpc/protocol-server.js';
import { IdentityService } from './identity/identity.service.js';
import { UsageReport } from './limits/usage-report.service.js';
import { HOST, type Host } from './ports/host.port.js';

/** The order in which the module's parts come up and go down, which Nest's hooks alone do not fix. */
@Injectable()
export class NetworkLifecycle
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  constructor(
    private readonly memory: PeerMemory,
    @Inject(HOST) private readonly host: Host,
    private readonly server: PeerProtocolServer,
    private readonly identity: IdentityService,
    private readonly topics: TopicsService,
    private readonly dials: DialService,
    private readonly keeper: PeerKeeper,
    private readonly rotation: SlotRotation,
    private readonly discovery: DiscoveryService,
    private readonly usage: UsageReport,
  ) {}

  /** A peer's first call may arrive with its connection, so everything that answers is there before the host starts. */
  async onApplicationBootstrap(): Promise<void> {
    await this.memory.load();
    this.memory.start();
    this.identity.start();
    this.server.start();
    await this.host.start();
    this.usage.start();
    this.dials.start();
    this.keeper.start();
    this.rotation.start();
    await this.discovery.start();
  }

  /** Looks for no more peers; those that are there still get answers. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.discovery.stop();
    this.rotation.stop();
    this.keeper.stop();
    this.dials.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    this.topics.stop();
    await this.server.stop();
    await this.host.stop();
    this.usage.stop();
    this.identity.stop();
    await this.memory.stop();
  }
}
