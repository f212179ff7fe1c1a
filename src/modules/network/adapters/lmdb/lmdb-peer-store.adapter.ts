import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { errorFields } from '../../../../common/app-error.js';
import { LmdbFileFault, prepareLmdbFile } from '../../../../common/lmdb-file.js';
import type { Logger } from '../../../../common/logger.port.js';
import {
  MAX_AUDIT_ENTRIES,
  type PeerStore,
  type PeerStoreChanges,
  type StoredPeers,
} from '../../ports/peer-store.port.js';
import { breakSeal } from './file-seal.js';
import { claim } from './ownership.js';
import { auditChanges, type Change, recordChanges } from './peer-changes.js';
import { decodeRecord, type RecordOf, TABLE_NAMES, type TableName } from './peer-records.js';
import { openPeerTables, type PeerTables } from './peer-tables.js';
import { storeFailed } from './store-failed.js';

/** Raised when the layout changes; a store of another version is refused. */
const SCHEMA_VERSION = 1;
const SCHEMA_KEY = Buffer.from('schema');
/** Records of one table; callers keep to half of it. */
const MAX_RECORDS = 2 ** 21;

export interface LmdbPeerStoreOptions {
  /** The environment's folder; made when missing. */
  readonly path: string;
  readonly log: Logger;
}

/**
 * Opens the store for this process alone. A file that is damaged or that LMDB could not open is set aside as
 * `data.mdb.damaged`, and a new one begins: a node must start without its memory too.
 * @throws {NetworkError} NETWORK.STORE_LOCKED while another has it, which then is as it was | NETWORK.STORE_FAILED
 */
export async function openLmdbPeerStore({ path, log }: LmdbPeerStoreOptions): Promise<PeerStore> {
  let release: (() => void) | undefined;
  try {
    // First of all: what an owner has open has no seal and changes under whoever looks into it.
    release = claim(path);
    await prepareOrSetAside(path, log);
    return new LmdbPeerStore(await openTables(path), release);
  } catch (cause) {
    release?.();
    throw await storeFailed(cause);
  }
}

async function prepareOrSetAside(path: string, log: Logger): Promise<void> {
  try {
    await breakSeal(path);
    await prepareLmdbFile(path);
  } catch (error) {
    if (!(error instanceof LmdbFileFault)) throw error;
    const file = join(path, 'data.mdb');
    await rename(file, `${file}.damaged`);
    log.warn('the peer store is damaged and was set aside: known peers, scores and bans are forgotten', {
      path: `${file}.damaged`,
      ...errorFields(error),
    });
    await prepareLmdbFile(path);
  }
}

async function openTables(path: string): Promise<PeerTables> {
  const tables = openPeerTables(path);
  const version = tables.meta.getBinary(SCHEMA_KEY)?.[0];
  if (version === undefined) tables.meta.putSync(SCHEMA_KEY, Uint8Array.of(SCHEMA_VERSION));
  if (version === undefined || version === SCHEMA_VERSION) return tables;
  await tables.close();
  throw new Error(`its schema version is ${version}, this version of the program knows ${SCHEMA_VERSION}`);
}

/** Writes go one after another; each is one transaction. */
class LmdbPeerStore implements PeerStore {
  private lastWrite: Promise<unknown> = Promise.resolve();
  private closing: Promise<void> | undefined;
  /** Oldest first; the last one counts on. */
  private auditKeys: readonly Uint8Array[];

  constructor(
    private readonly tables: PeerTables,
    private readonly release: () => void,
  ) {
    this.auditKeys = [...tables.audit.getKeys({ limit: MAX_RECORDS })].map((key) => Uint8Array.from(key));
  }

  read(): Promise<StoredPeers & { readonly damaged: number }> {
    return this.queue(async () => {
      const [peers, bans] = [this.readTable('peers'), this.readTable('bans')];
      const [pinned, audit] = [this.readTable('pinned'), this.readTable('audit')];
      return {
        peers: peers.records,
        bans: bans.records,
        pinned: pinned.records,
        audit: audit.records.slice(-MAX_AUDIT_ENTRIES),
        damaged: peers.damaged + bans.damaged + pinned.damaged + audit.damaged,
      };
    });
  }

  write(changes: PeerStoreChanges): Promise<void> {
    return this.queue(async () => {
      const audit = auditChanges(this.auditKeys, changes.audit ?? []);
      const all = [...recordChanges(changes), ...audit.changes];
      if (all.length === 0) return;
      this.assertRoom(all);
      await this.tables.commit(() => {
        for (const { table, key, record } of all) {
          if (record === undefined) this.tables[table].removeSync(key);
          else this.tables[table].putSync(key, record);
        }
      });
      this.auditKeys = audit.keys;
    });
  }

  close(): Promise<void> {
    this.closing ??= this.lastWrite.then(async () => {
      try {
        await this.tables.close();
      } catch (cause) {
        throw await storeFailed(cause);
      } finally {
        this.release();
      }
    });
    return this.closing;
  }

  private readTable<Name extends TableName>(name: Name): { records: RecordOf<Name>[]; damaged: number } {
    const records: RecordOf<Name>[] = [];
    let damaged = 0;
    for (const { key, value } of this.tables[name].getRange({ limit: MAX_RECORDS })) {
      const record = decodeRecord(name, key, value);
      if (record === undefined) damaged++;
      else records.push(record);
    }
    return { records, damaged };
  }

  /** Records that take the place of others count too. */
  private assertRoom(changes: readonly Change[]): void {
    for (const name of TABLE_NAMES) {
      const { entryCount } = this.tables[name].getStats() as { entryCount: number };
      const added = changes.filter(({ table, record }) => table === name && record !== undefined).length;
      if (entryCount + added > MAX_RECORDS) throw new Error(`there are ${entryCount} ${name} already`);
    }
  }

  private async queue<T>(action: () => Promise<T>): Promise<T> {
    if (this.closing !== undefined) throw await storeFailed(new Error('it is closed'));
    const done = this.lastWrite.then(async () => {
      try {
        return await action();
      } catch (cause) {
        throw await storeFailed(cause);
      }
    });
    // Only the order of the queue: the failure is the caller's.
    this.lastWrite = done.catch(() => undefined);
    return done;
  }
}
