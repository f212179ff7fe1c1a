import { ClassicLevel } from 'classic-level';
import { BlockchainError } from '../../blockchain.errors.js';
import { freeBytes } from '../durable/free-bytes.js';
import type { Batch, Entry, TableName, Tables } from '../durable/tables.js';
import { levelError } from './level-errors.js';
import { prepareLevelFolder } from './level-folder.js';

/** LevelDB has one space of keys: the first byte tells the table. */
const PREFIXES: Readonly<Record<TableName, number>> = {
  blocks: 0x62,
  index: 0x69,
  hashes: 0x68,
  states: 0x73,
  removed: 0x72,
  meta: 0x6d,
};
/** Opening writes what stands in the log to a table; the log is no longer than LevelDB's write buffer, 4 MiB. */
const MIN_FREE_BYTES = 16 * 1_024 * 1_024;

type Operation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array };

interface OpenedFolder {
  readonly tables: LevelTables;
  /** What the files had before they were opened; 0 when they are new. */
  readonly dataBytes: number;
}

/** One LevelDB database. It locks its folder by itself. */
export class LevelTables implements Tables {
  /** What brings back what a failed commit was to change; LevelDB may have kept it in its log all the same. */
  private undo: readonly Operation[] | undefined;
  private isClosed = false;

  private constructor(
    private readonly db: ClassicLevel<Uint8Array, Uint8Array>,
    private readonly path: string,
  ) {}

  /**
   * @param path The database's folder; made when missing.
   * @throws {BlockchainError} BLOCKCHAIN.STORE_LOCKED | BLOCKCHAIN.STORE_CORRUPT | BLOCKCHAIN.STORE_FULL |
   * BLOCKCHAIN.STORE_FAILED
   */
  static async open(path: string): Promise<OpenedFolder> {
    try {
      const dataBytes = await prepareLevelFolder(path);
      const db = new ClassicLevel<Uint8Array, Uint8Array>(path, {
        keyEncoding: 'view',
        valueEncoding: 'view',
      });
      await db.open();
      return { tables: new LevelTables(db, path), dataBytes };
    } catch (cause) {
      throw levelError(cause, path);
    }
  }

  get isBroken(): boolean {
    return this.undo !== undefined;
  }

  get(table: TableName, key: Uint8Array): Uint8Array | undefined {
    try {
      return this.db.getSync(fullKey(table, key));
    } catch (cause) {
      throw this.translate(cause);
    }
  }

  lastUpTo(table: TableName, key: Uint8Array): Promise<Entry | undefined> {
    return this.ask(async () => {
      const range = {
        gte: fullKey(table, new Uint8Array()),
        lte: fullKey(table, key),
        reverse: true,
        limit: 1,
      };
      const [last] = await this.db.iterator(range).all();
      return last && { key: last[0].subarray(1), value: last[1] };
    });
  }

  keys(table: TableName, start: Uint8Array, end: Uint8Array, limit: number): Promise<readonly Uint8Array[]> {
    return this.ask(async () => {
      const range = { gte: fullKey(table, start), lt: fullKey(table, end), limit };
      return (await this.db.keys(range).all()).map((key) => key.subarray(1));
    });
  }

  async commit(write: (batch: Batch) => void): Promise<void> {
    const operations: Operation[] = [];
    const put = (table: TableName, key: Uint8Array, value: Uint8Array) => {
      operations.push({ type: 'put', key: fullKey(table, key), value });
    };
    write({
      put,
      putLast: put,
      remove: (table, key) => operations.push({ type: 'del', key: fullKey(table, key) }),
    });
    try {
      await this.db.batch(operations, { sync: true });
    } catch (cause) {
      this.undo = operations.map(({ key }) => this.present(key));
      throw this.translate(cause);
    }
  }

  /** LevelDB must read its log anew: it goes on after a record that it wrote in part, and what follows it would be lost. */
  async recover(): Promise<void> {
    await this.ask(async () => {
      // Once closed, LevelDB cannot be opened on a full disk; as it is, it can be read.
      const free = await freeBytes(this.path);
      if (free < MIN_FREE_BYTES) {
        const reason = `${free} bytes are free, ${MIN_FREE_BYTES} are needed to go on`;
        throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_FULL', reason });
      }
      await this.db.close();
      await this.db.open();
      await this.db.batch([...(this.undo ?? [])], { sync: true });
      this.undo = undefined;
    });
  }

  /** Counted, which takes long: LevelDB's own estimate knows nothing of what it wrote last. */
  blockBytes(): Promise<number> {
    return this.ask(async () => {
      const range = { gte: Uint8Array.of(PREFIXES.blocks), lt: Uint8Array.of(PREFIXES.blocks + 1) };
      let bytes = 0;
      for await (const value of this.db.values(range)) bytes += value.length;
      return bytes;
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.ask(() => this.db.close());
  }

  private present(key: Uint8Array): Operation {
    const value = this.db.getSync(key);
    return value === undefined ? { type: 'del', key } : { type: 'put', key, value };
  }

  private async ask<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      throw this.translate(cause);
    }
  }

  private translate(cause: unknown): BlockchainError {
    // A read that was under way when the store was closed.
    if (this.isClosed) return new BlockchainError({ code: 'BLOCKCHAIN.STORE_CLOSED' }, cause);
    return levelError(cause, this.path);
  }
}

function fullKey(table: TableName, key: Uint8Array): Uint8Array {
  const full = new Uint8Array(1 + key.length);
  full[0] = PREFIXES[table];
  full.set(key, 1);
  return full;
}
