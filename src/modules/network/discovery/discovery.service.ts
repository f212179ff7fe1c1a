import { Inject, Injectable } from '@nestjs/common';
import { errorFields } from '../../../common/app-error.js';
import type { Logger } from '../../../common/logger.port.js';
import { onEvent } from '../../../common/on-event.js';
import { PeerBook } from '../book/peer-book.js';
import { NETWORK_CONFIG, type NetworkConfig } from '../network.config.js';
import type { PeerEvent } from '../network.events.js';
import { NETWORK_LOG } from '../network.log.js';
import { PeerTable } from '../peers/peer-table.js';
import { type Candidate, PEER_DISCOVERY, type PeerDiscovery } from '../ports/peer-discovery.port.js';
import { CandidatePool, POOL_LIMITS } from './candidate-pool.js';
import { RoutingTable } from './routing-table.js';

/** The source of those that we know from earlier. */
const BOOK = 'book';

/** Runs the ways of finding peers, gathers what they find, and knows which peers others may be told of. */
@Injectable()
export class DiscoveryService {
  readonly #stop = new AbortController();
  #started = false;
  #isPaused = false;

  constructor(
    @Inject(NETWORK_CONFIG) private readonly config: Pick<NetworkConfig, 'discovery'>,
    @Inject(PEER_DISCOVERY) private readonly discoveries: readonly PeerDiscovery[],
    private readonly pool: CandidatePool,
    @Inject(PeerBook) private readonly book: Pick<PeerBook, 'knownGood' | 'learned'>,
    private readonly table: PeerTable,
    private readonly routing: RoutingTable,
    @Inject(NETWORK_LOG) private readonly log: Logger,
  ) {}

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Says to each way of finding peers whether it is to wait. */
  set isPaused(isPaused: boolean) {
    this.#isPaused = isPaused;
    for (const discovery of this.discoveries) discovery.isPaused = isPaused;
  }

  /** Offers peers that were well before, then looks for others. Does nothing when discovery is off. Never rejects. */
  async start(): Promise<void> {
    if (this.#started || !this.config.discovery || this.#stop.signal.aborted) return;
    this.#started = true;
    const options = { signal: this.#stop.signal, log: this.log };
    for (const { peerId } of this.table.list()) this.routing.add(peerId);
    onEvent(this.table.events$, (event) => this.#route(event), options);
    for (const address of this.book.knownGood().slice(0, POOL_LIMITS.perSource)) {
      this.pool.offer({ address, source: BOOK });
    }
    for (const { candidates$ } of this.discoveries) {
      onEvent(candidates$, (candidate) => this.#take(candidate), options);
    }
    await this.#each('start', (discovery) => discovery.start());
  }

  /** Never rejects. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#each('stop', (discovery) => discovery.stop());
  }

  #route(event: PeerEvent): void {
    if (event.type === 'peer:connected') this.routing.add(event.peerId);
    if (event.type === 'peer:disconnected') this.routing.remove(event.peerId);
  }

  /** What the pool refuses is not worth remembering either. */
  #take(candidate: Candidate): void {
    if (this.pool.offer(candidate) === 'new') this.book.learned(candidate.address);
  }

  /** A way of finding peers that fails leaves the others. */
  async #each(act: 'start' | 'stop', work: (discovery: PeerDiscovery) => Promise<void>): Promise<void> {
    await Promise.all(
      this.discoveries.map(async (discovery) => {
        try {
          await work(discovery);
        } catch (error) {
          const fields = { name: discovery.name, act, ...errorFields(error) };
          this.log.warn('a way of finding peers failed', fields);
        }
      }),
    );
  }
}
