import { Inject, Injectable } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import { RANDOM, type Random } from '../../../common/random.js';
import { NETWORK_CONFIG, type NetworkConfig } from '../network.config.js';
import { NETWORK_METRICS, type NetworkMetrics } from '../network.metrics.js';
import { PeerTable } from '../peers/peer-table.js';
import { HOST, type Host } from '../ports/host.port.js';
import type { Candidate } from '../ports/peer-discovery.port.js';
import { PEER_PROTOCOLS, type PeerProtocols } from '../ports/peer-protocols.port.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { drawInTurn } from './draw-in-turn.js';
import { findPeersMethod, findPeersRequest, takeFoundPeers } from './find-peers.js';
import { seenFromOutside } from './known-transports.js';

/** Asks peers for peers. */
@Injectable()
export class PeerQuery {
  readonly #found = new Subject<Candidate>();
  /** What peers told when asked by {@link ask}; the source is the peer. Hot, no replay, never ends. */
  readonly found$: Observable<Candidate> = this.#found.asObservable();

  /** While it is, nobody is asked for peers; where a certain peer is may still be asked. */
  isPaused = false;

  constructor(
    @Inject(HOST) private readonly host: Host,
    @Inject(PEER_PROTOCOLS) private readonly protocols: PeerProtocols,
    @Inject(NETWORK_CONFIG) private readonly config: NetworkConfig,
    private readonly table: PeerTable,
    @Inject(RANDOM) private readonly random: Random,
    @Inject(NETWORK_METRICS) private readonly metrics: NetworkMetrics,
  ) {}

  /** Up to `count` random peers of the table that serve discovery, as far as is known. */
  pickPeers(count: number): PeerId[] {
    const { discovery } = this.config.protocols;
    const peers = this.table.list().filter(({ peerId }) => {
      const { protocols } = this.host.peerInfo(peerId);
      return protocols.length === 0 || protocols.includes(discovery);
    });
    return [...drawInTurn(this.random, peers, [])].slice(0, count).map(({ peerId }) => peerId);
  }

  /**
   * Asks a peer for those near itself, which appear on {@link found$}.
   *
   * @throws {NetworkError} those of PeerProtocols.call, within `findPeersTimeoutMs`
   */
  async ask(peerId: PeerId, signal: AbortSignal): Promise<void> {
    if (this.isPaused) return;
    for (const address of await this.#find(peerId, '', signal)) {
      this.#found.next({ address, source: peerId });
    }
  }

  /**
   * Asks a peer where another is. The nearest to an ID are an arbitrary choice, so it may well know and not tell.
   *
   * @throws {NetworkError} those of PeerProtocols.call, within `findPeersTimeoutMs`
   */
  async askWhere(wanted: PeerId, peerId: PeerId, signal: AbortSignal): Promise<readonly PeerAddress[]> {
    const addresses = await this.#find(peerId, wanted, signal);
    return addresses.filter((address) => address.peerId === wanted);
  }

  async #find(peerId: PeerId, key: string, signal: AbortSignal): Promise<readonly PeerAddress[]> {
    const method = findPeersMethod(this.config.protocols.discovery);
    const timeoutMs = this.config.findPeersTimeoutMs;
    const tellerIsPublic = seenFromOutside(this.host, peerId);
    const { nodes } = await this.protocols.call(peerId, method, findPeersRequest(key), { signal, timeoutMs });
    const { addresses, junk } = takeFoundPeers(nodes, this.host.peerId, tellerIsPublic);
    if (junk > 0) this.metrics.candidates('junk', junk);
    return addresses;
  }
}
