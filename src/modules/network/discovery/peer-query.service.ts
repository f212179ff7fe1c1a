import { Inject, Injectable } from '@nestjs/common';
import { pickOne, RANDOM, type Random } from '../../../common/random.js';
import { DialService } from '../dial/dial.service.js';
import { DialPriority } from '../dial/dial-queue.js';
import { NETWORK_CONFIG, type NetworkConfig } from '../network.config.js';
import { NETWORK_METRICS, type NetworkMetrics } from '../network.metrics.js';
import { PeerTable } from '../peers/peer-table.js';
import { HOST, type Host } from '../ports/host.port.js';
import { PEER_PROTOCOLS, type PeerProtocols } from '../ports/peer-protocols.port.js';
import type { PeerId } from '../ports/types.js';
import { findPeersMethod, findPeersRequest, takeFoundPeers } from './find-peers.js';
import { seenFromOutside } from './known-transports.js';

/** Asks peers for peers and queues dials of those that are new. */
@Injectable()
export class PeerQuery {
  constructor(
    @Inject(HOST) private readonly host: Host,
    @Inject(PEER_PROTOCOLS) private readonly protocols: PeerProtocols,
    @Inject(NETWORK_CONFIG) private readonly config: NetworkConfig,
    private readonly dials: DialService,
    private readonly table: PeerTable,
    @Inject(RANDOM) private readonly random: Random,
    @Inject(NETWORK_METRICS) private readonly metrics: NetworkMetrics,
  ) {}

  /** A random peer of the table that serves discovery, as far as is known. */
  pickPeer(): PeerId | undefined {
    const { discovery } = this.config.protocols;
    const peers = this.table.list().filter(({ peerId }) => {
      const { protocols } = this.host.peerInfo(peerId);
      return protocols.length === 0 || protocols.includes(discovery);
    });
    return pickOne(this.random, peers)?.peerId;
  }

  /** @throws {NetworkError} those of PeerProtocols.call, within `findPeersTimeoutMs` */
  async ask(peerId: PeerId, signal: AbortSignal): Promise<void> {
    const method = findPeersMethod(this.config.protocols.discovery);
    const timeoutMs = this.config.findPeersTimeoutMs;
    const tellerIsPublic = seenFromOutside(this.host, peerId);
    const { nodes } = await this.protocols.call(peerId, method, findPeersRequest(), { signal, timeoutMs });
    const { addresses, junk } = takeFoundPeers(nodes, this.host.peerId, tellerIsPublic);
    const queued = addresses.filter((address) => this.dials.enqueue(address, DialPriority.DISCOVERED)).length;
    this.metrics.candidates('queued', queued);
    this.metrics.candidates('known', addresses.length - queued);
    this.metrics.candidates('junk', junk);
  }
}
