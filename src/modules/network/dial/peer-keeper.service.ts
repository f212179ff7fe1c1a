import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { onEvent } from '../../../common/on-event.js';
import { NETWORK_CONFIG, type NetworkConfig } from '../network.config.js';
import { NETWORK_LOG } from '../network.log.js';
import { runEvery } from '../run-every.js';
import { DialService } from './dial.service.js';
import { KeptPeers } from './kept-peers.js';

/**
 * Brings peers back: bootnodes and static peers always, as fast as their backoff allows; earlier peers when none is left.
 *
 * @see polygon-edge@597a0f3 network/server.go keepAliveMinimumPeerConnections
 * @remarks Differs: the Go client tries one random bootnode every 10 s, only while it has no peer at all, and forgets earlier peers.
 */
@Injectable()
export class PeerKeeper {
  readonly #stop = new AbortController();
  #started = false;

  constructor(
    private readonly kept: KeptPeers,
    private readonly dials: DialService,
    @Inject(NETWORK_CONFIG) private readonly config: NetworkConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(NETWORK_LOG) private readonly log: Logger,
  ) {}

  /** Dials those that are to be kept, then those that were well in an earlier run, and keeps at it. */
  start(): void {
    if (this.#started || this.#stop.signal.aborted) return;
    this.#started = true;
    const loop = { clock: this.clock, signal: this.#stop.signal, log: this.log };
    const { reconnectBaseMs, keepAliveIntervalMs } = this.config;
    const keep = () => this.dials.keep(this.kept.always());
    const keepEarlier = () => this.dials.keep(this.kept.whenAlone());
    keep();
    keepEarlier();
    onEvent(this.kept.changed$, keep, loop);
    void runEvery({ ...loop, intervalMs: reconnectBaseMs }, keep);
    void runEvery({ ...loop, intervalMs: keepAliveIntervalMs }, keepEarlier);
  }

  stop(): void {
    this.#stop.abort();
  }
}
