import { Inject, Injectable } from '@nestjs/common';
import { errorFields } from '../../../common/app-error.js';
import type { Logger } from '../../../common/logger.port.js';
import { onEvent } from '../../../common/on-event.js';
import { IdentityService } from '../identity/identity.service.js';
import { NETWORK_LOG } from '../network.log.js';
import { PeerTable } from '../peers/peer-table.js';
import type { HostConnection } from '../ports/host.port.js';
import type { PeerAddress } from '../ports/types.js';
import { DialHistory } from './dial-history.js';
import { DialPolicy } from './dial-policy.js';
import { Dialer } from './dialer.service.js';

/** One try each to make somebody a peer: where, whether it worked, and what is learned of it. */
@Injectable()
export class DialAttempts {
  constructor(
    private readonly dialer: Dialer,
    private readonly identity: IdentityService,
    private readonly policy: DialPolicy,
    private readonly history: DialHistory,
    private readonly table: PeerTable,
    @Inject(NETWORK_LOG) private readonly log: Logger,
  ) {}

  /** Begins to learn from what happens to peers. */
  start(signal: AbortSignal): void {
    this.history.start(signal);
    const options = { signal, log: this.log };
    onEvent(this.identity.turnedAway$, (peerId) => this.history.turnedAway(peerId), options);
  }

  /** Publishes `peer:dial-started` and dials. Resolves when the handshake is over; never rejects. */
  async make(wanted: PeerAddress, signal: AbortSignal): Promise<void> {
    const address = this.history.nextTry(wanted, (other) => this.policy.refusalOf(other) === undefined);
    this.table.announce({ type: 'peer:dial-started', address });
    const connection = await this.#connect(address, signal);
    // A connection of the peer's own making tells nothing of the address.
    if (connection?.direction !== 'outbound') return;
    if ((await this.identity.outcome(address.peerId)) === 'peer') this.history.reached(address);
  }

  async #connect(address: PeerAddress, signal: AbortSignal): Promise<HostConnection | undefined> {
    try {
      return await this.dialer.dial(address, signal);
    } catch (error) {
      this.log.debug('dial failed', { peerId: address.peerId, ...errorFields(error) });
      return undefined;
    }
  }
}
