import { Inject, Injectable } from '@nestjs/common';
import { PinnedPeers } from '../book/pinned-peers.js';
import { AuditLog } from '../conduct/audit-log.js';
import { BanList } from '../conduct/ban-list.js';
import { targetName } from '../conduct/ban-target.js';
import { DialService } from '../dial/dial.service.js';
import { addressFault, banFault } from '../dial/dial-policy.js';
import { IdentityService } from '../identity/identity.service.js';
import { NetworkError } from '../network.errors.js';
import { HOST, type Host } from '../ports/host.port.js';
import type { OperatorAct, PeerControl } from '../ports/peer-control.port.js';
import type { AuditEntry, Ban } from '../ports/peer-store.port.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { PeerTable } from './peer-table.js';

const MAX_BY_CHARACTERS = 64;
const MAX_REASON_CHARACTERS = 256;

/**
 * Carries out what operators decide about peers. What the store fails to take holds until the program ends; of that the
 * caller hears, events and audit do not.
 */
@Injectable()
export class PeerControlService implements PeerControl {
  constructor(
    @Inject(HOST) private readonly host: Host,
    private readonly pinned: PinnedPeers,
    private readonly bansHeld: BanList,
    private readonly auditLog: AuditLog,
    private readonly dials: DialService,
    private readonly identity: IdentityService,
    private readonly table: PeerTable,
  ) {}

  async remove(peerId: PeerId, act: OperatorAct): Promise<void> {
    if (this.pinned.isStatic(peerId)) throw new NetworkError({ code: 'NETWORK.PINNED', peerId });
    const cause = new NetworkError({ code: 'NETWORK.REMOVED_BY_OPERATOR', peerId });
    this.dials.forget(peerId, cause);
    await this.identity.disconnect(peerId, cause);
    await this.#record('remove', peerId, act);
  }

  async ban(text: string, options: OperatorAct & { readonly ttlMs?: number | undefined }): Promise<Ban> {
    try {
      const ban = await this.bansHeld.ban(text, { ttlMs: options.ttlMs, ...bounded(options) });
      this.table.announce({ type: 'peer:banned', ban });
      await this.#record('ban', targetName(ban.target), options);
      return ban;
    } finally {
      await this.#closeBanned();
    }
  }

  async unban(text: string, act: OperatorAct): Promise<boolean> {
    const target = await this.bansHeld.unban(text);
    if (target === undefined) return false;
    this.table.announce({ type: 'peer:unbanned', target });
    await this.#record('unban', targetName(target), act);
    return true;
  }

  bans(): readonly Ban[] {
    return this.bansHeld.list();
  }

  audit(): readonly AuditEntry[] {
    return this.auditLog.list();
  }

  async setTrusted(peerId: PeerId, isTrusted: boolean, act: OperatorAct): Promise<boolean> {
    if (!isTrusted && !this.pinned.isTrusted(peerId)) return false;
    await this.pinned.setTrusted(peerId, isTrusted);
    this.#announcePinned(peerId);
    await this.#record(isTrusted ? 'trust' : 'untrust', peerId, act);
    return true;
  }

  async setStatic(address: PeerAddress, isStatic: boolean, act: OperatorAct): Promise<boolean> {
    if (!isStatic && !this.pinned.isStatic(address.peerId)) return false;
    const fault = isStatic ? addressFault(address, this.host.peerId) : undefined;
    if (fault !== undefined) throw fault;
    await this.pinned.setStatic(address, isStatic);
    this.#announcePinned(address.peerId);
    await this.#record(isStatic ? 'pin' : 'unpin', address.peerId, act);
    return true;
  }

  async #closeBanned(): Promise<void> {
    const closing = this.host.connections().map(async ({ remote, peerId }) => {
      const fault = banFault({ peerId, transport: remote }, this.bansHeld);
      if (fault !== undefined) await this.identity.disconnect(peerId, fault);
    });
    await Promise.all(closing);
  }

  #announcePinned(peerId: PeerId): void {
    const { pinned } = this;
    this.table.announce({
      type: 'peer:pinned',
      peerId,
      isTrusted: pinned.isTrusted(peerId),
      isStatic: pinned.isStatic(peerId),
    });
  }

  async #record(action: AuditEntry['action'], target: string, act: OperatorAct): Promise<void> {
    await this.auditLog.record({ action, target, ...bounded(act) });
  }
}

function bounded({ by, reason }: OperatorAct): OperatorAct {
  return { by: by.slice(0, MAX_BY_CHARACTERS), reason: reason.slice(0, MAX_REASON_CHARACTERS) };
}
