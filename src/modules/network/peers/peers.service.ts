import { Inject, Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { Logger } from '../../../common/logger.port.js';
import { chooseAddress } from '../address/reachability.js';
import { DialService } from '../dial/dial.service.js';
import { DialPriority } from '../dial/dial-queue.js';
import { IdentityService } from '../identity/identity.service.js';
import { NetworkError, peerActionFor } from '../network.errors.js';
import type { PeerEvent } from '../network.events.js';
import { NETWORK_LOG } from '../network.log.js';
import { HOST, type Host } from '../ports/host.port.js';
import type { PeerDetails, PeerFault, PeerInfo, Peers } from '../ports/peers.port.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { PeerTable } from './peer-table.js';

/** What the rest of the application may know and do about peers. */
@Injectable()
export class PeersService implements Peers {
  constructor(
    @Inject(HOST) private readonly host: Host,
    private readonly table: PeerTable,
    private readonly dials: DialService,
    private readonly identity: IdentityService,
    @Inject(NETWORK_LOG) private readonly log: Logger,
  ) {}

  get self(): PeerId {
    return this.host.peerId;
  }

  get events$(): Observable<PeerEvent> {
    return this.table.events$;
  }

  selfAddress(): PeerAddress | undefined {
    return chooseAddress(this.self, this.host.addresses());
  }

  list(): readonly PeerInfo[] {
    return this.table.list();
  }

  has(peerId: PeerId): boolean {
    return this.table.has(peerId);
  }

  describe(peerId: PeerId): PeerDetails {
    if (peerId === this.self) return { peerId, protocols: [], addresses: this.host.addresses() };
    const { protocols, addresses } = this.host.peerInfo(peerId);
    return { peerId, protocols, addresses };
  }

  requestDial(address: PeerAddress): void {
    if (address.transport !== '') this.host.rememberAddress(address);
    this.dials.enqueue(address, DialPriority.REQUESTED);
  }

  report(peerId: PeerId, { code, message, severity }: PeerFault): void {
    const reason = message.slice(0, 300);
    this.log.debug('peer reported', { peerId, code, reason, severity });
    if (severity === 'retry') return;
    const error = new NetworkError({ code: 'NETWORK.REPORTED_BY_CONSUMER', peerId, fault: code, reason });
    if (peerActionFor(error) === 'drop') void this.disconnect(peerId, error);
  }

  async disconnect(peerId: PeerId, cause: NetworkError): Promise<void> {
    await this.identity.disconnect(peerId, cause);
  }
}
