import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { pickOne, RANDOM, type Random } from '../../../common/random.js';
import { IdentityService } from '../identity/identity.service.js';
import { NETWORK_CONFIG, type NetworkConfig } from '../network.config.js';
import { NetworkError } from '../network.errors.js';
import { NETWORK_LOG } from '../network.log.js';
import { PeerTable } from '../peers/peer-table.js';
import type { PeerId } from '../ports/types.js';
import { runEvery } from '../run-every.js';
import { DialPolicy } from './dial-policy.js';
import { KeptPeers } from './kept-peers.js';

/**
 * Gives up an outbound peer now and then while a bootnode or static peer is away and all outbound slots are held. Without
 * this the parts of a network that fell apart would stay apart once each is full in itself, and a node would for ever
 * keep the peers that it met first.
 *
 * @remarks Differs: the Go client never lets go of a peer, and its halves do not find together again.
 */
@Injectable()
export class SlotRotation {
  readonly #stop = new AbortController();
  #started = false;

  constructor(
    private readonly kept: KeptPeers,
    private readonly policy: DialPolicy,
    private readonly table: PeerTable,
    private readonly identity: IdentityService,
    @Inject(NETWORK_CONFIG) private readonly config: Pick<NetworkConfig, 'rotationIntervalMs'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: Random,
    @Inject(NETWORK_LOG) private readonly log: Logger,
  ) {}

  start(): void {
    if (this.#started || this.#stop.signal.aborted) return;
    this.#started = true;
    const { rotationIntervalMs: intervalMs } = this.config;
    const loop = { clock: this.clock, intervalMs, signal: this.#stop.signal, log: this.log };
    void runEvery(loop, () => this.#giveUpOne());
  }

  stop(): void {
    this.#stop.abort();
  }

  async #giveUpOne(): Promise<void> {
    const awaited = this.kept.always().find((address) => this.policy.wants(address));
    if (awaited === undefined || this.policy.hasRoom(awaited.peerId)) return;
    const peerId = this.#choose();
    if (peerId === undefined) return;
    const reason = 'its turn, so that others are met';
    await this.identity.disconnect(peerId, new NetworkError({ code: 'NETWORK.EVICTED', peerId, reason }));
  }

  /** One of those that nobody named and that have been here for a while. */
  #choose(): PeerId | undefined {
    const settledBeforeMs = this.clock.nowMs() - this.config.rotationIntervalMs;
    const candidates = this.table
      .list()
      .filter(
        ({ peerId, directions, connectedAtMs }) =>
          directions.includes('outbound') && connectedAtMs <= settledBeforeMs && !this.kept.isNamed(peerId),
      );
    return pickOne(this.random, candidates)?.peerId;
  }
}
