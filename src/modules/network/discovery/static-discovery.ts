import { Inject, Injectable } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import type { Logger } from '../../../common/logger.port.js';
import { onEvent } from '../../../common/on-event.js';
import { PinnedPeers } from '../book/pinned-peers.js';
import { NetworkError } from '../network.errors.js';
import { NETWORK_LOG } from '../network.log.js';
import type { Candidate, PeerDiscovery } from '../ports/peer-discovery.port.js';
import type { PeerAddress, PeerId } from '../ports/types.js';

/** Finds the static peers, which an operator named. */
@Injectable()
export class StaticDiscovery implements PeerDiscovery {
  readonly name = 'static';
  isPaused = false;
  readonly #candidates = new Subject<Candidate>();
  readonly candidates$: Observable<Candidate> = this.#candidates.asObservable();
  readonly #stop = new AbortController();
  #started = false;

  constructor(
    @Inject(PinnedPeers) private readonly pinned: Pick<PinnedPeers, 'statics' | 'changed$'>,
    @Inject(NETWORK_LOG) private readonly log: Logger,
  ) {}

  async start(): Promise<void> {
    const { signal } = this.#stop;
    if (this.#started || signal.aborted) return;
    this.#started = true;
    onEvent(this.pinned.changed$, () => this.#tell(), { signal, log: this.log });
    this.#tell();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#candidates.complete();
  }

  async locate(peerId: PeerId, { signal }: { signal: AbortSignal }): Promise<readonly PeerAddress[]> {
    if (!this.#started || this.#stop.signal.aborted) return [];
    if (signal.aborted) throw new NetworkError({ code: 'NETWORK.CANCELLED' });
    return this.pinned.statics().filter((address) => address.peerId === peerId);
  }

  #tell(): void {
    if (this.isPaused) return;
    for (const address of this.pinned.statics()) this.#candidates.next({ address, source: this.name });
  }
}
