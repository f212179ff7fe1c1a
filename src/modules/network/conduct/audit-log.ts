import type { Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { recallPeers } from '../book/recall-peers.js';
import {
  type AuditEntry,
  MAX_AUDIT_ENTRIES,
  type PeerStore,
  type StoredPeers,
} from '../ports/peer-store.port.js';

/** What operators did to peers: the last 1,000 acts. Bans for a low score are no acts; they would drive those out. */
export class AuditLog {
  #entries: readonly AuditEntry[] = [];

  constructor(
    private readonly store: PeerStore,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /**
   * Puts what was stored first. Never rejects.
   * @param stored what was read already; else the store is read
   */
  async load(stored: StoredPeers | Promise<StoredPeers> = recallPeers(this.store, this.log)): Promise<void> {
    const { audit } = await stored;
    this.#keep([...audit, ...this.#entries]);
  }

  /** @throws {NetworkError} NETWORK.STORE_FAILED: the entry is in the list until the program ends */
  async record(act: Omit<AuditEntry, 'atMs'>): Promise<void> {
    const entry = { ...act, atMs: this.clock.nowMs() };
    this.#keep([...this.#entries, entry]);
    await this.store.write({ audit: [entry] });
  }

  /** Oldest first. */
  list(): readonly AuditEntry[] {
    return this.#entries;
  }

  #keep(entries: readonly AuditEntry[]): void {
    this.#entries = entries.slice(-MAX_AUDIT_ENTRIES);
  }
}
