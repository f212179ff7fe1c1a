import { Injectable } from '@nestjs/common';
import { Dialer } from '../dial/dialer.service.js';
import { NetworkError } from '../network.errors.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { HelloService } from './hello.service.js';
import { IdentityService } from './identity.service.js';

/** Short connections that put the other side in nobody's peer table. */
@Injectable()
export class TemporaryVisits {
  constructor(
    private readonly hello: HelloService,
    private readonly dialer: Dialer,
    private readonly identity: IdentityService,
  ) {}

  /**
   * Connects, does the work once the handshake is done, and disconnects in any case. The work must heed the signal itself.
   *
   * @throws {NetworkError} those of Dialer.dial; NETWORK.NOT_CONNECTED when the handshake fails; what `work` throws
   * @see polygon-edge@597a0f3 network/discovery/discovery.go bootnodePeerDiscovery
   */
  async visit<T>(
    address: PeerAddress,
    signal: AbortSignal,
    work: (peerId: PeerId) => Promise<T>,
  ): Promise<T> {
    const { peerId } = address;
    this.hello.markTemporary(peerId);
    try {
      await this.dialer.dial(address, signal);
      return await this.#stay(peerId, work);
    } finally {
      this.hello.unmarkTemporary(peerId);
    }
  }

  async #stay<T>(peerId: PeerId, work: (peerId: PeerId) => Promise<T>): Promise<T> {
    try {
      if ((await this.identity.outcome(peerId)) !== 'temporary') {
        throw new NetworkError({ code: 'NETWORK.NOT_CONNECTED', peerId });
      }
      return await work(peerId);
    } finally {
      await this.identity.disconnect(
        peerId,
        new NetworkError({ code: 'NETWORK.TEMPORARY_DIAL_DONE', peerId }),
      );
    }
  }
}
