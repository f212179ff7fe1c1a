import { targetName } from '../../conduct/ban-target.js';
import { NetworkError } from '../../network.errors.js';
import {
  type AuditEntry,
  type Ban,
  MAX_AUDIT_ENTRIES,
  type PeerRecord,
  type PeerStore,
  type PeerStoreChanges,
  type PinnedPeer,
  type StoredPeers,
} from '../../ports/peer-store.port.js';
import type { PeerId } from '../../ports/types.js';

/** Remembers peers until it is closed: for tests and simulations, and for nodes that are to forget everything. */
export class InMemoryPeerStore implements PeerStore {
  private readonly peers = new Map<PeerId, PeerRecord>();
  private readonly bans = new Map<string, Ban>();
  private readonly pinned = new Map<PeerId, PinnedPeer>();
  private audit: readonly AuditEntry[] = [];
  private isClosed = false;

  async read(): Promise<StoredPeers & { readonly damaged: number }> {
    this.assertOpen();
    const { peers, bans, pinned, audit } = this;
    const stored = { peers: [...peers.values()], bans: [...bans.values()], pinned: [...pinned.values()] };
    return structuredClone({ ...stored, audit, damaged: 0 });
  }

  async write(changes: PeerStoreChanges): Promise<void> {
    this.assertOpen();
    // What is written here must not change when the caller's own objects do.
    const { peers, forgottenPeers, bans, liftedBans, pinned, unpinned, audit } = structuredClone(changes);
    for (const peerId of forgottenPeers ?? []) this.peers.delete(peerId);
    for (const record of peers ?? []) this.peers.set(record.peerId, record);
    for (const target of liftedBans ?? []) this.bans.delete(targetName(target));
    for (const ban of bans ?? []) this.bans.set(targetName(ban.target), ban);
    for (const peerId of unpinned ?? []) this.pinned.delete(peerId);
    for (const peer of pinned ?? []) this.pinned.set(peer.peerId, peer);
    this.audit = [...this.audit, ...(audit ?? [])].slice(-MAX_AUDIT_ENTRIES);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  private assertOpen(): void {
    if (this.isClosed) throw new NetworkError({ code: 'NETWORK.STORE_FAILED', reason: 'it is closed' });
  }
}
