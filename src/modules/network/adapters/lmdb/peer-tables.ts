import { type Database, open } from 'lmdb';
import { sealFile } from './file-seal.js';
import type { TableName } from './peer-records.js';

export type Table = Database<Uint8Array, Uint8Array>;

/** One environment; what its records hold says peer-records.ts. */
export interface PeerTables extends Readonly<Record<TableName, Table>> {
  /** schema version */
  readonly meta: Table;
  /**
   * All that `write` puts and removes is one transaction; resolves once it is on disk. `write` must not throw: what it
   * wrote before would stay.
   */
  commit(write: () => void): Promise<void>;
  /** Seals the file once LMDB is done with it. */
  close(): Promise<void>;
}

/** No map size is given: it would bound nothing, for the map grows past it. The number and size of records bound the file. */
export function openPeerTables(path: string): PeerTables {
  const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
  const env = open<Uint8Array, Uint8Array>({
    ...binary,
    path,
    noSubdir: false,
    // A commit is a commit once it is on disk. The overlapping kind would resolve before.
    overlappingSync: false,
    // Otherwise a failed commit also rejects a promise that nobody can catch, which ends the process.
    eventTurnBatching: false,
  });
  const table = (name: string) => env.openDB<Uint8Array, Uint8Array>(name, binary);
  return {
    peers: table('peers'),
    bans: table('bans'),
    pinned: table('pinned'),
    audit: table('audit'),
    meta: table('meta'),
    commit: (write) => env.transaction(write),
    close: async () => {
      await env.close();
      await sealFile(path);
    },
  };
}
