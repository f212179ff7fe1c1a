import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { onEvent } from '../../../common/on-event.js';
import { NETWORK_CONFIG, type NetworkConfig } from '../network.config.js';
import { NetworkError } from '../network.errors.js';
import type { PeerEvent } from '../network.events.js';
import { NETWORK_LOG } from '../network.log.js';
import { PeerTable } from '../peers/peer-table.js';
import { runEvery } from '../run-every.js';
import { ConnectionSlots } from '../slots/connection-slots.js';
import { BootnodeQuery } from './bootnode-query.service.js';
import { PeerQuery } from './peer-query.service.js';
import { RoutingTable } from './routing-table.js';

/**
 * Looks for peers while an outbound slot is free.
 *
 * @see polygon-edge@597a0f3 network/discovery/discovery.go startDiscovery
 */
@Injectable()
export class DiscoveryService {
  readonly #stop = new AbortController();
  #started = false;

  constructor(
    @Inject(NETWORK_CONFIG) private readonly config: NetworkConfig,
    private readonly table: PeerTable,
    private readonly routing: RoutingTable,
    private readonly slots: ConnectionSlots,
    private readonly query: PeerQuery,
    private readonly bootnodeQuery: BootnodeQuery,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(NETWORK_LOG) private readonly log: Logger,
  ) {}

  /** Does nothing when discovery is off. */
  start(): void {
    if (this.#started || !this.config.discovery) return;
    this.#started = true;
    for (const { peerId } of this.table.list()) this.routing.add(peerId);
    const loop = { clock: this.clock, signal: this.#stop.signal, log: this.log };
    onEvent(this.table.events$, (event) => this.#route(event), loop);
    void runEvery({ ...loop, intervalMs: this.config.discoveryIntervalMs }, (signal) =>
      this.#askPeer(signal),
    );
    void runEvery({ ...loop, intervalMs: this.config.bootnodeIntervalMs }, (signal) =>
      this.#askBootnode(signal),
    );
  }

  stop(): void {
    this.#stop.abort(new NetworkError({ code: 'NETWORK.CANCELLED' }));
  }

  #route(event: PeerEvent): void {
    if (event.type === 'peer:connected') this.routing.add(event.peerId);
    if (event.type === 'peer:disconnected') this.routing.remove(event.peerId);
  }

  async #askPeer(signal: AbortSignal): Promise<void> {
    const peerId = this.slots.hasFree('outbound') ? this.query.pickPeer() : undefined;
    if (peerId !== undefined) await this.#tolerate(() => this.query.ask(peerId, signal));
  }

  async #askBootnode(signal: AbortSignal): Promise<void> {
    if (this.slots.hasFree('outbound')) await this.#tolerate(() => this.bootnodeQuery.run(signal));
  }

  /** Peers that do not answer well are no fault of ours: each is counted where it fails, and the loop goes on. */
  async #tolerate(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      this.log.debug('discovery query failed', { code: error.code, reason: error.message.slice(0, 300) });
    }
  }
}
