import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { NETWORK_CONFIG, type NetworkConfig } from '../network.config.js';
import { NETWORK_LOG } from '../network.log.js';
import { PeerTable } from '../peers/peer-table.js';
import { runEvery } from '../run-every.js';
import { BOOTNODES, type Bootnodes } from './bootnodes.js';
import { DialService } from './dial.service.js';
import { DialPriority } from './dial-queue.js';

/**
 * Brings peers back: bootnodes always, as fast as their backoff allows; earlier peers when none is left.
 *
 * @see polygon-edge@597a0f3 network/server.go keepAliveMinimumPeerConnections
 * @remarks Differs: the Go client tries one random bootnode every 10 s, only while it has no peer at all, and forgets earlier peers.
 */
@Injectable()
export class PeerKeeper {
  readonly #stop = new AbortController();
  #started = false;

  constructor(
    @Inject(BOOTNODES) private readonly bootnodes: Bootnodes,
    @Inject(NETWORK_CONFIG) private readonly config: NetworkConfig,
    private readonly dials: DialService,
    private readonly table: PeerTable,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(NETWORK_LOG) private readonly log: Logger,
  ) {}

  /** Dials the bootnodes and keeps at it. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    const loop = { clock: this.clock, signal: this.#stop.signal, log: this.log };
    const { reconnectBaseMs, keepAliveIntervalMs } = this.config;
    this.#dialBootnodes();
    void runEvery({ ...loop, intervalMs: reconnectBaseMs }, () => this.#dialBootnodes());
    void runEvery({ ...loop, intervalMs: keepAliveIntervalMs }, () => this.#dialEarlierPeers());
  }

  stop(): void {
    this.#stop.abort();
  }

  #dialBootnodes(): void {
    if (this.#stop.signal.aborted) return;
    for (const address of this.bootnodes.values()) this.dials.enqueue(address, DialPriority.DISCOVERED);
  }

  #dialEarlierPeers(): void {
    if (this.table.size > 0) return;
    for (const address of this.dials.reachable()) this.dials.enqueue(address, DialPriority.DISCOVERED);
  }
}
