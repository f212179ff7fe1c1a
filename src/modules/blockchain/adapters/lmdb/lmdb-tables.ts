import { type Database, open, type RootDatabase } from 'lmdb';
import { BlockchainError } from '../../blockchain.errors.js';
import { freeBytes } from '../durable/free-bytes.js';
import { corrupt, type RecordRoom } from '../durable/records.js';
import type { Batch, Entry, TableName, Tables } from '../durable/tables.js';
import { prepareDataFile } from './data-file.js';
import { readError, storeError } from './lmdb-errors.js';
import { claim, release } from './ownership.js';

const SHORT_WRITE = /Input\/output error/;
/** What LMDB writes in one go, and more. */
const MAX_PAGES_BYTES = 1_024 * 1_024;

export type Table = Database<Uint8Array, Uint8Array>;

type Environment = RootDatabase<Uint8Array, Uint8Array>;

interface OpenedFile {
  readonly tables: LmdbTables;
  /** What the file had before it was opened; 0 when it is new. */
  readonly fileBytes: number;
}

/** One environment, in which each table is a database. */
export class LmdbTables implements Tables {
  readonly isBroken = false;

  private constructor(
    private readonly env: Environment,
    private readonly tables: Readonly<Record<TableName, Table>>,
    private readonly path: string,
    private readonly hashesAreDamaged: boolean,
  ) {}

  /**
   * Opens it for this process alone.
   * @param path The environment's folder; made when missing.
   * @throws {BlockchainError} BLOCKCHAIN.STORE_LOCKED | BLOCKCHAIN.STORE_CORRUPT | BLOCKCHAIN.STORE_FULL |
   * BLOCKCHAIN.STORE_FAILED
   */
  static async open(path: string): Promise<OpenedFile> {
    let env: Environment | undefined;
    try {
      const { bytes, hashesAreDamaged } = await prepareDataFile(path);
      env = openEnvironment(path);
      const tables = openTables(env);
      claim(tables.meta, path);
      return { tables: new LmdbTables(env, tables, path, hashesAreDamaged), fileBytes: bytes };
    } catch (cause) {
      await env?.close();
      throw await storeError(cause);
    }
  }

  get(name: TableName, key: Uint8Array, room?: RecordRoom): Uint8Array | undefined {
    return this.read(() => {
      const table = this.tables[name];
      if (room === undefined) return table.getBinary(key) ?? this.missing(name);
      // The fast kind gives bytes that the next read overwrites, in a buffer that may be longer than it says.
      const found = table.getBinaryFast(key);
      return found && room.copy(found, found.length);
    });
  }

  async lastUpTo(name: TableName, key: Uint8Array): Promise<Entry | undefined> {
    return this.read(() => {
      const [last] = this.tables[name].getRange({ start: key, reverse: true, limit: 1 });
      return last;
    });
  }

  async keys(name: TableName, start: Uint8Array, end: Uint8Array, limit: number): Promise<Uint8Array[]> {
    return this.read(() => [...this.tables[name].getKeys({ start, end, limit })]);
  }

  /**
   * `write` must not throw: what it wrote before would stay. (Child transactions could be aborted, but LMDB's binding ends
   * the process when it fails to.)
   */
  async commit(write: (batch: Batch) => void): Promise<void> {
    const { tables } = this;
    const batch: Batch = {
      put: (name, key, value) => tables[name].putSync(key, value),
      putLast: (name, key, value) => tables[name].putSync(key, value, { append: true }),
      remove: (name, key) => tables[name].removeSync(key),
    };
    try {
      await this.env.transaction(() => write(batch));
    } catch (cause) {
      throw await this.fullOr(await storeError(cause));
    }
  }

  async recover(): Promise<void> {
    // A transaction that failed leaves nothing behind.
  }

  async blockBytes(): Promise<number> {
    return this.read(() => {
      const { pageSize, treeLeafPageCount, overflowPages } = this.tables.blocks.getStats() as BlockStats;
      return pageSize * (treeLeafPageCount + overflowPages);
    });
  }

  async close(): Promise<void> {
    try {
      await release(this.tables.meta);
    } catch (cause) {
      throw await storeError(cause);
    } finally {
      await this.env.close();
    }
  }

  /** Of pages that found room in part, LMDB only says that the write failed. */
  private async fullOr(error: BlockchainError): Promise<BlockchainError> {
    const { detail } = error;
    if (detail.code !== 'BLOCKCHAIN.STORE_FAILED' || !SHORT_WRITE.test(detail.reason)) return error;
    const free = await freeBytes(this.path);
    if (free > MAX_PAGES_BYTES) return error;
    const reason = `${detail.reason}, and ${free} bytes are free`;
    return new BlockchainError({ code: 'BLOCKCHAIN.STORE_FULL', reason }, error);
  }

  /** Of hashes, any may be the damaged one. */
  private missing(name: TableName): undefined {
    if (name === 'hashes' && this.hashesAreDamaged) throw corrupt(undefined, 'a record of a hash is damaged');
  }

  private read<T>(action: () => T): T {
    try {
      return action();
    } catch (cause) {
      throw readError(cause);
    }
  }
}

/** Of what LMDB tells of a database; its binding declares no type for it. */
interface BlockStats {
  readonly pageSize: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

function openEnvironment(path: string): Environment {
  return open<Uint8Array, Uint8Array>({
    encoding: 'binary',
    keyEncoding: 'binary',
    path,
    noSubdir: false,
    // A commit is a commit once it is on disk. The overlapping kind would resolve before.
    overlappingSync: false,
    // Otherwise a failed commit also rejects a promise that nobody can catch, which ends the process.
    eventTurnBatching: false,
  });
}

function openTables(env: Environment): Readonly<Record<TableName, Table>> {
  const table = (name: TableName) =>
    env.openDB<Uint8Array, Uint8Array>(name, { encoding: 'binary', keyEncoding: 'binary' });
  return {
    blocks: table('blocks'),
    index: table('index'),
    hashes: table('hashes'),
    states: table('states'),
    removed: table('removed'),
    meta: table('meta'),
  };
}
