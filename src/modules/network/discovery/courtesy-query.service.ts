import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from '../../../common/logger.port.js';
import { onEvent } from '../../../common/on-event.js';
import { IdentityService } from '../identity/identity.service.js';
import { NetworkError } from '../network.errors.js';
import { NETWORK_LOG } from '../network.log.js';
import type { PeerId } from '../ports/types.js';
import { PeerQuery } from './peer-query.service.js';

/** Asks full nodes that turned us away for other peers, which they tell once, and leaves. */
@Injectable()
export class CourtesyQuery {
  readonly #stop = new AbortController();
  #started = false;

  constructor(
    @Inject(IdentityService) private readonly identity: Pick<IdentityService, 'turnedAway$' | 'disconnect'>,
    @Inject(PeerQuery) private readonly query: Pick<PeerQuery, 'ask'>,
    @Inject(NETWORK_LOG) private readonly log: Logger,
  ) {}

  start(): void {
    if (this.#started) return;
    this.#started = true;
    const options = { signal: this.#stop.signal, log: this.log };
    onEvent(this.identity.turnedAway$, (peerId) => this.#ask(peerId), options);
  }

  stop(): void {
    this.#stop.abort(new NetworkError({ code: 'NETWORK.CANCELLED' }));
  }

  async #ask(peerId: PeerId): Promise<void> {
    try {
      await this.query.ask(peerId, this.#stop.signal);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      this.log.debug('full node told nothing', { peerId, code: error.code });
    } finally {
      const done = new NetworkError({ code: 'NETWORK.TEMPORARY_DIAL_DONE', peerId });
      await this.identity.disconnect(peerId, done);
    }
  }
}
