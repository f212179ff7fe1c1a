import { Inject, Injectable } from '@nestjs/common';
import { BanList } from '../conduct/ban-list.js';
import { Conduct } from '../conduct/conduct.service.js';
import { Quarantine } from '../identity/quarantine.js';
import { NetworkError } from '../network.errors.js';
import { HOST, type Host } from '../ports/host.port.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { ConnectionSlots } from '../slots/connection-slots.js';
import { DialBackoff } from './backoff.js';

/** Who may be dialed, and when. */
@Injectable()
export class DialPolicy {
  constructor(
    @Inject(HOST) private readonly host: Host,
    private readonly slots: ConnectionSlots,
    private readonly backoff: DialBackoff,
    private readonly bans: BanList,
    private readonly quarantine: Quarantine,
    private readonly conduct: Conduct,
  ) {}

  /**
   * Why a peer is not to be dialed at all, asked for or not.
   *
   * @returns NETWORK.ADDRESS_REFUSED | NETWORK.BANNED | NETWORK.QUARANTINED | NETWORK.SCORE_TOO_LOW; undefined when
   * there is no reason
   */
  refusalOf(address: PeerAddress): NetworkError | undefined {
    return (
      addressFault(address, this.host.peerId) ??
      banFault(address, this.bans) ??
      this.quarantine.refusalOf(address.peerId) ??
      this.conduct.refusalOf(address.peerId)
    );
  }

  /** Whether a dial that nobody asked for makes sense now: the peer is away, its backoff is over and nothing speaks against it. */
  wants(address: PeerAddress): boolean {
    const { peerId } = address;
    return (
      this.slots.stageOf(peerId) === undefined &&
      this.backoff.waitMs(peerId) === 0 &&
      this.refusalOf(address) === undefined
    );
  }

  /** Whether a dial could begin now; pinned peers find the reserved slots too. */
  hasRoom(peerId: PeerId): boolean {
    return this.slots.stageOf(peerId) === undefined && this.slots.hasFree('outbound', peerId);
  }
}

/** NETWORK.ADDRESS_REFUSED when nobody could ever be reached there; else undefined. */
export function addressFault({ peerId, transport }: PeerAddress, self: PeerId): NetworkError | undefined {
  if (peerId !== self && transport !== '') return undefined;
  const reason = peerId === self ? 'it is this node' : 'it has no transport part';
  return new NetworkError({
    code: 'NETWORK.ADDRESS_REFUSED',
    address: `${transport}/p2p/${peerId}`,
    reason,
  });
}

/** NETWORK.BANNED when the peer or the network of its address is banned; else undefined. */
export function banFault({ peerId, transport }: PeerAddress, bans: BanList): NetworkError | undefined {
  if (!bans.isRefused(transport, peerId)) return undefined;
  const ban = bans.banOf(peerId);
  return new NetworkError({
    code: 'NETWORK.BANNED',
    target: ban === undefined ? transport : peerId,
    reason: ban?.reason ?? 'its network is banned',
  });
}
