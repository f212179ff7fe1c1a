import { targetName } from '../../conduct/ban-target.js';
import { type AuditEntry, MAX_AUDIT_ENTRIES, type PeerStoreChanges } from '../../ports/peer-store.port.js';
import { encodeRecord, type TableName } from './peer-records.js';

const AUDIT_KEY_BYTES = 6;

/** One record put or removed. */
export interface Change {
  readonly table: TableName;
  readonly key: Uint8Array;
  /** undefined: the record is removed. */
  readonly record?: Uint8Array;
}

/**
 * What is to be done to all tables but the audit; what goes first, so that what is named twice is there.
 * @throws when a record is none that could be read again
 */
export function recordChanges(changes: PeerStoreChanges): Change[] {
  return [
    ...(changes.forgottenPeers ?? []).map((peerId) => gone('peers', peerId)),
    ...(changes.liftedBans ?? []).map((target) => gone('bans', targetName(target))),
    ...(changes.unpinned ?? []).map((peerId) => gone('pinned', peerId)),
    ...(changes.peers ?? []).map((record) => there('peers', Buffer.from(record.peerId), record)),
    ...(changes.bans ?? []).map((ban) => there('bans', Buffer.from(targetName(ban.target)), ban)),
    ...(changes.pinned ?? []).map((peer) => there('pinned', Buffer.from(peer.peerId), peer)),
  ];
}

/**
 * New entries of the audit, and the oldest ones that go for them.
 * @param keys of the entries there are, oldest first
 * @returns the changes, and the keys after them
 */
export function auditChanges(
  keys: readonly Uint8Array[],
  audit: readonly AuditEntry[],
): { changes: Change[]; keys: readonly Uint8Array[] } {
  const last = keys.at(-1);
  const next = last === undefined ? 0 : Buffer.from(last).readUIntBE(0, AUDIT_KEY_BYTES) + 1;
  const added = audit.slice(-MAX_AUDIT_ENTRIES).map((entry, index) => {
    const key = Buffer.alloc(AUDIT_KEY_BYTES);
    key.writeUIntBE(next + index, 0, AUDIT_KEY_BYTES);
    return there('audit', key, entry);
  });
  const tooMany = Math.max(0, keys.length + added.length - MAX_AUDIT_ENTRIES);
  const dropped = keys.slice(0, tooMany).map((key) => ({ table: 'audit' as const, key }));
  return { changes: [...dropped, ...added], keys: [...keys.slice(tooMany), ...added.map(({ key }) => key)] };
}

function gone(table: TableName, name: string): Change {
  return { table, key: Buffer.from(name) };
}

function there(table: TableName, key: Uint8Array, value: unknown): Change {
  return { table, key, record: encodeRecord(table, key, value) };
}
