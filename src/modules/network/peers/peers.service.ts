import { Inject, Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { chooseAddress } from '../address/reachability.js';
import { IdentityService } from '../identity/identity.service.js';
import type { NetworkError } from '../network.errors.js';
import type { PeerEvent } from '../network.events.js';
import { HOST, type Host } from '../ports/host.port.js';
import type {
  AddProgress,
  PeerDetails,
  PeerFault,
  PeerInfo,
  PeerStanding,
  Peers,
} from '../ports/peers.port.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { AddRequests } from './add-requests.service.js';
import { PeerDescriptions } from './peer-descriptions.js';
import { PeerReports } from './peer-reports.js';
import { PeerStandings } from './peer-standings.js';
import { PeerTable } from './peer-table.js';

/** What the rest of the application may know and do about peers. */
@Injectable()
export class PeersService implements Peers {
  constructor(
    @Inject(HOST) private readonly host: Host,
    private readonly table: PeerTable,
    private readonly descriptions: PeerDescriptions,
    private readonly standings: PeerStandings,
    private readonly requests: AddRequests,
    private readonly reports: PeerReports,
    private readonly identity: IdentityService,
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

  standing(peerId: PeerId): PeerStanding {
    return this.standings.of(peerId);
  }

  remembered(limit: number): readonly PeerId[] {
    return this.standings.remembered(limit);
  }

  add(address: PeerAddress): Observable<AddProgress> {
    return this.requests.add(address);
  }

  report(peerId: PeerId, fault: PeerFault): void {
    this.reports.blame(peerId, fault);
  }

  markUseful(peerId: PeerId): void {
    this.reports.praise(peerId);
  }

  async disconnect(peerId: PeerId, cause: NetworkError): Promise<void> {
    await this.identity.disconnect(peerId, cause);
  }
}
