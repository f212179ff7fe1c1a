import { Inject, Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { Logger } from '../../../common/logger.port.js';
import { chooseAddress } from '../address/reachability.js';
import { Conduct } from '../conduct/conduct.service.js';
import { IdentityService } from '../identity/identity.service.js';
import { NetworkError } from '../network.errors.js';
import type { PeerEvent } from '../network.events.js';
import { NETWORK_LOG } from '../network.log.js';
import { HOST, type Host } from '../ports/host.port.js';
import type { AddProgress, PeerDetails, PeerFault, PeerInfo, Peers } from '../ports/peers.port.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { AddRequests } from './add-requests.service.js';
import { PeerDescriptions } from './peer-descriptions.js';
import { PeerTable } from './peer-table.js';

const MAX_REASON_CHARACTERS = 300;

/** What the rest of the application may know and do about peers. */
@Injectable()
export class PeersService implements Peers {
  constructor(
    @Inject(HOST) private readonly host: Host,
    private readonly table: PeerTable,
    private readonly descriptions: PeerDescriptions,
    private readonly requests: AddRequests,
    private readonly conduct: Conduct,
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
    return this.descriptions.describe(peerId);
  }

  add(address: PeerAddress): Observable<AddProgress> {
    return this.requests.add(address);
  }

  report(peerId: PeerId, { code: fault, message, severity }: PeerFault): void {
    const reason = message.slice(0, MAX_REASON_CHARACTERS);
    this.log.debug('peer reported', { peerId, code: fault, reason, severity });
    if (severity === 'retry') return;
    const code = 'NETWORK.REPORTED_BY_CONSUMER';
    this.conduct.judge(peerId, new NetworkError({ code, peerId, fault, reason, severity }));
  }

  async disconnect(peerId: PeerId, cause: NetworkError): Promise<void> {
    await this.identity.disconnect(peerId, cause);
  }
}
