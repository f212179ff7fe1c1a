import { type Database, open } from 'lmdb';
import { BlockchainError } from '../../blockchain.errors.js';
import { corrupt } from './records.js';

/** Raised when the layout changes; a store of a newer version is refused. */
const SCHEMA_VERSION = 1;
const SCHEMA_KEY = Buffer.from('schema');
// A store that was left before its version was written has no more pages than this.
const MAX_NEW_FILE_BYTES = 256 * 1_024;

export type Table = Database<Uint8Array, Uint8Array>;

/** One environment; what its records hold says records.ts. */
export interface Tables {
  /** number → block RLP */
  readonly blocks: Table;
  /** number → hash and total difficulty */
  readonly index: Table;
  /** hash → number */
  readonly hashes: Table;
  /** schema version, owner, head */
  readonly meta: Table;
  /**
   * All that `write` puts and removes is one transaction; resolves once it is on disk. `write` must not throw: what it
   * wrote before would stay. (Child transactions could be aborted, but LMDB's binding ends the process when it fails to.)
   */
  commit(write: () => void): Promise<void>;
  close(): Promise<void>;
}

export function openTables(path: string): Tables {
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
    blocks: table('blocks'),
    index: table('index'),
    hashes: table('hashes'),
    meta: table('meta'),
    commit: (write) => env.transaction(write),
    close: () => env.close(),
  };
}

/**
 * Writes our schema version into a new store.
 * @param fileBytes What the file had before it was opened.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_FAILED when the store was written by a newer version,
 * BLOCKCHAIN.STORE_CORRUPT when a store that is not new has no version
 */
export function checkSchema(meta: Table, fileBytes: number): void {
  const record = meta.getBinary(SCHEMA_KEY);
  if (record === undefined) {
    // Otherwise a damaged root would make a full store look like an empty one.
    if (fileBytes > MAX_NEW_FILE_BYTES) throw corrupt(undefined, 'its schema version is missing');
    meta.putSync(SCHEMA_KEY, Uint8Array.of(SCHEMA_VERSION));
    return;
  }
  const [version] = record;
  if (version === SCHEMA_VERSION) return;
  const reason = `its schema version is ${version}, this version of the program knows ${SCHEMA_VERSION}`;
  throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_FAILED', reason });
}
