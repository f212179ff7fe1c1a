import { errorText } from '../../../../common/app-error.js';
import { bytesEqual } from '../../../../common/bytes.js';
import type { Logger } from '../../../../common/logger.port.js';
import { BlockchainError } from '../../blockchain.errors.js';
import { rawHeaderOf } from '../../codec/block.codec.js';
import type { BlockStore, RangeLimits, StoreHead } from '../../ports/block-store.port.js';
import type { BlockRef, VerifiedBlock } from '../../ports/types.js';
import { type Appended, assertRewindable, followHead } from '../follow-head.js';
import { prepareDataFile } from './data-file.js';
import { readError, storeError } from './lmdb-errors.js';
import { claim, release } from './ownership.js';
import {
  corrupt,
  decodeBlockRecord,
  decodeIndexRecord,
  decodeNumberRecord,
  encodeBlockRecord,
  encodeIndexRecord,
  encodeNumberRecord,
  numberKey,
  RecordRoom,
} from './records.js';
import { loadHead, putHead } from './stored-head.js';
import { checkSchema, openTables, type Tables } from './tables.js';

const HASH_BYTES = 32;
/** Blocks of one read that share an allocation: who keeps one of them keeps as much. */
const MAX_SLAB_BYTES = 65_536;

export interface LmdbBlockStoreOptions {
  /** The environment's folder; made when missing. */
  readonly path: string;
  readonly log: Logger;
}

/**
 * Opens the store for this process alone.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_LOCKED | BLOCKCHAIN.STORE_CORRUPT | BLOCKCHAIN.STORE_FAILED
 */
export async function openLmdbBlockStore({ path, log }: LmdbBlockStoreOptions): Promise<BlockStore> {
  let tables: Tables | undefined;
  try {
    const fileBytes = await prepareDataFile(path);
    tables = openTables(path);
    claim(tables.meta, path);
    checkSchema(tables.meta, fileBytes);
    return new LmdbBlockStore(tables, await loadHead(tables, log));
  } catch (cause) {
    const error = await storeError(cause);
    if (tables !== undefined) await giveUp(tables, error, log);
    throw error;
  }
}

async function giveUp(tables: Tables, { code }: BlockchainError, log: Logger): Promise<void> {
  try {
    if (code === 'BLOCKCHAIN.STORE_LOCKED') await tables.close();
    else await releaseAndClose(tables);
  } catch (cause) {
    log.debug('the block store could not be closed either', { error: errorText(cause) });
  }
}

async function releaseAndClose(tables: Tables): Promise<void> {
  try {
    await release(tables.meta);
  } catch (cause) {
    throw await storeError(cause);
  } finally {
    await tables.close();
  }
}

/** Writes go one after another; an append has ended once LMDB has synced its file. */
class LmdbBlockStore implements BlockStore {
  private readonly tables: Tables;
  private storedHead: StoreHead | undefined;
  private lastWrite: Promise<unknown> = Promise.resolve();
  private closing: Promise<void> | undefined;

  constructor(tables: Tables, head: StoreHead | undefined) {
    this.tables = tables;
    this.storedHead = head;
  }

  async head(): Promise<StoreHead | undefined> {
    this.assertOpen();
    const head = this.storedHead;
    return head && { ...head, hash: head.hash.slice() };
  }

  append(blocks: readonly VerifiedBlock[]): Promise<void> {
    return this.write(async () => {
      const appended = followHead(this.storedHead, blocks);
      const head = appended.at(-1)?.head;
      if (head === undefined) return;
      await this.tables.commit(() => {
        for (const each of appended) this.put(each);
        putHead(this.tables.meta, head.number);
      });
      this.storedHead = head;
    });
  }

  rewind(number: number): Promise<readonly BlockRef[]> {
    return this.write(async () => {
      const newest = assertRewindable(this.storedHead, number);
      const head = decodeIndexRecord(number, this.indexRecord(number));
      const removed: BlockRef[] = [];
      for (let at = newest; at > number; at--) {
        const hash = this.hashIfWhole(at);
        if (hash !== undefined) removed.push({ number: at, hash });
      }
      await this.tables.commit(() => {
        for (let at = newest; at > number; at--) this.remove(numberKey(at));
        for (const { hash } of removed) this.tables.hashes.removeSync(hash);
        putHead(this.tables.meta, number);
      });
      this.storedHead = head;
      return removed;
    });
  }

  async hashByNumber(number: number): Promise<Uint8Array | undefined> {
    return this.read(() => this.indexAt(number)?.hash);
  }

  async numberByHash(hash: Uint8Array): Promise<number | undefined> {
    return this.read(() => {
      const record = hash.length === HASH_BYTES ? this.tables.hashes.getBinary(hash) : undefined;
      if (record === undefined) return undefined;
      const number = decodeNumberRecord(hash, record);
      // A repair may leave the hash of a removed block behind.
      const entry = this.indexAt(number);
      return entry !== undefined && bytesEqual(entry.hash, hash) ? number : undefined;
    });
  }

  async rawHeader(number: number): Promise<Uint8Array | undefined> {
    const raw = await this.rawBlock(number);
    return raw && rawHeaderOf(raw).slice();
  }

  async rawBlock(number: number): Promise<Uint8Array | undefined> {
    const [raw] = await this.rawBlocks(number, { maxCount: 1, maxBytes: 0 });
    return raw;
  }

  /** All from one snapshot: nothing else runs meanwhile, and LMDB keeps a read transaction until the event loop turns. */
  async rawBlocks(from: number, { maxCount, maxBytes }: RangeLimits): Promise<readonly Uint8Array[]> {
    return this.read(() => {
      const found: Uint8Array[] = [];
      const room = new RecordRoom(Math.min(maxBytes, MAX_SLAB_BYTES));
      let bytes = 0;
      for (let number = from; found.length < maxCount && this.isStored(number); number++) {
        const raw = this.blockAt(number, room);
        bytes += raw.length;
        if (found.length > 0 && bytes > maxBytes) break;
        found.push(raw);
      }
      return found;
    });
  }

  close(): Promise<void> {
    this.closing ??= this.lastWrite.then(() => releaseAndClose(this.tables));
    return this.closing;
  }

  private put({ block, head }: Appended): void {
    const { blocks, index, hashes } = this.tables;
    const key = numberKey(head.number);
    // Told that a record is the last, LMDB fills its pages to the end. It is: opening saw that nothing is above the head.
    blocks.putSync(key, encodeBlockRecord(head.number, block.raw), { append: true });
    index.putSync(key, encodeIndexRecord(head), { append: true });
    hashes.putSync(head.hash, encodeNumberRecord(head.hash, head.number));
  }

  private remove(key: Uint8Array): void {
    this.tables.index.removeSync(key);
    this.tables.blocks.removeSync(key);
  }

  /** Of a block that is to be removed: its index may be damaged, the rest of it goes all the same. */
  private hashIfWhole(number: number): Uint8Array | undefined {
    try {
      return decodeIndexRecord(number, this.indexRecord(number)).hash;
    } catch (cause) {
      if (readError(cause).code === 'BLOCKCHAIN.STORE_CORRUPT') return undefined;
      throw cause;
    }
  }

  private isStored(number: number): boolean {
    return Number.isSafeInteger(number) && number >= 0 && number <= (this.storedHead?.number ?? -1);
  }

  private indexAt(number: number): StoreHead | undefined {
    return this.isStored(number) ? decodeIndexRecord(number, this.indexRecord(number)) : undefined;
  }

  private indexRecord(number: number): Uint8Array {
    const record = this.tables.index.getBinary(numberKey(number));
    if (record === undefined) throw corrupt(number, 'its index is missing');
    return record;
  }

  private blockAt(number: number, room: RecordRoom): Uint8Array {
    // The fast kind gives bytes that the next read overwrites; they are copied at once.
    const record = this.tables.blocks.getBinaryFast(numberKey(number));
    if (record === undefined) throw corrupt(number, 'the block is missing');
    return decodeBlockRecord(number, record, record.length, room);
  }

  private read<T>(action: () => T): T {
    this.assertOpen();
    try {
      return action();
    } catch (cause) {
      throw readError(cause);
    }
  }

  private async write<T>(action: () => Promise<T>): Promise<T> {
    this.assertOpen();
    const written = this.lastWrite.then(async () => {
      try {
        return await action();
      } catch (cause) {
        throw await storeError(cause);
      }
    });
    // Only the order of the queue: the failure is the caller's.
    this.lastWrite = written.catch(() => undefined);
    return written;
  }

  private assertOpen(): void {
    if (this.closing !== undefined) throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_CLOSED' });
  }
}
