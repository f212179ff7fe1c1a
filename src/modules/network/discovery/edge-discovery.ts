import { Inject, Injectable } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import { errorFields } from '../../../common/app-error.js';
import { CLOCK, type Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { onEvent } from '../../../common/on-event.js';
import { NETWORK_CONFIG, type NetworkConfig } from '../network.config.js';
import { NetworkError } from '../network.errors.js';
import { NETWORK_LOG } from '../network.log.js';
import type { Candidate, PeerDiscovery } from '../ports/peer-discovery.port.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { runEvery } from '../run-every.js';
import { ConnectionSlots } from '../slots/connection-slots.js';
import { BootnodeQuery } from './bootnode-query.service.js';
import { CourtesyQuery } from './courtesy-query.service.js';
import { PeerQuery } from './peer-query.service.js';

/** Peers asked where another is. */
const MAX_ASKED = 3;

/**
 * The discovery protocol of the Go client: asks a random peer every few seconds and a bootnode now and then, while an
 * outbound slot is free, and full nodes that turn us away.
 *
 * @see polygon-edge@597a0f3 network/discovery/discovery.go startDiscovery
 */
@Injectable()
export class EdgeDiscovery implements PeerDiscovery {
  readonly name = 'edge';
  readonly #candidates = new Subject<Candidate>();
  readonly candidates$: Observable<Candidate> = this.#candidates.asObservable();
  readonly #stop = new AbortController();
  #started = false;

  constructor(
    @Inject(NETWORK_CONFIG) private readonly config: NetworkConfig,
    @Inject(ConnectionSlots) private readonly slots: Pick<ConnectionSlots, 'hasFree'>,
    private readonly query: PeerQuery,
    @Inject(BootnodeQuery) private readonly bootnodeQuery: Pick<BootnodeQuery, 'run'>,
    @Inject(CourtesyQuery) private readonly courtesyQuery: Pick<CourtesyQuery, 'start' | 'stop'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(NETWORK_LOG) private readonly log: Logger,
  ) {}

  get isPaused(): boolean {
    return this.query.isPaused;
  }

  set isPaused(isPaused: boolean) {
    this.query.isPaused = isPaused;
  }

  async start(): Promise<void> {
    if (this.#started || this.#stop.signal.aborted) return;
    this.#started = true;
    const loop = { clock: this.clock, signal: this.#stop.signal, log: this.log };
    onEvent(this.query.found$, (candidate) => this.#found(candidate), loop);
    this.courtesyQuery.start();
    const { discoveryIntervalMs, bootnodeIntervalMs } = this.config;
    void runEvery({ ...loop, intervalMs: discoveryIntervalMs }, (signal) => this.#askPeer(signal));
    void runEvery({ ...loop, intervalMs: bootnodeIntervalMs }, (signal) => this.#askBootnode(signal));
  }

  async stop(): Promise<void> {
    this.#stop.abort(new NetworkError({ code: 'NETWORK.CANCELLED' }));
    this.courtesyQuery.stop();
    this.#candidates.complete();
  }

  /** Asks three peers, each within `findPeersTimeoutMs`. */
  async locate(peerId: PeerId, { signal }: { signal: AbortSignal }): Promise<readonly PeerAddress[]> {
    if (!this.#started || this.#stop.signal.aborted) return [];
    const either = AbortSignal.any([signal, this.#stop.signal]);
    const told = new Map<string, PeerAddress>();
    const ask = async (asked: PeerId) => {
      for (const address of await this.query.askWhere(peerId, asked, either)) {
        told.set(address.transport, address);
      }
    };
    const peers = either.aborted ? [] : this.query.pickPeers(MAX_ASKED);
    await Promise.all(peers.map((asked) => this.#tolerate(() => ask(asked), either)));
    if (either.aborted) throw new NetworkError({ code: 'NETWORK.CANCELLED' });
    return [...told.values()];
  }

  /** Whoever was asked before a pause may answer within it. */
  #found(candidate: Candidate): void {
    if (!this.isPaused) this.#candidates.next(candidate);
  }

  async #askPeer(signal: AbortSignal): Promise<void> {
    const [peerId] = this.slots.hasFree('outbound') ? this.query.pickPeers(1) : [];
    if (peerId !== undefined) await this.#tolerate(() => this.query.ask(peerId, signal), signal);
  }

  async #askBootnode(signal: AbortSignal): Promise<void> {
    if (this.slots.hasFree('outbound')) await this.#tolerate(() => this.bootnodeQuery.run(signal), signal);
  }

  /** Peers that do not answer well are no fault of ours: each is counted where it fails, and the loop goes on. */
  async #tolerate(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof NetworkError)) throw error;
      this.log.debug('discovery query failed', errorFields(error));
    }
  }
}
