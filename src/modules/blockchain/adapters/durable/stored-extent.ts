import type { Logger } from '../../../../common/logger.port.js';
import { BlockchainError } from '../../blockchain.errors.js';
import type { StoreHead } from '../../ports/block-store.port.js';
import {
  corrupt,
  decodeExtentRecord,
  decodeIndexRecord,
  encodeExtentRecord,
  numberKey,
  numberOfKey,
} from './records.js';
import type { Batch, Tables } from './tables.js';

const EXTENT_KEY = Buffer.from('head');
const LAST_KEY = numberKey(Number.MAX_SAFE_INTEGER);

/** What is kept of the chain: block 0, and all from `tail` to `head`. */
export interface Extent {
  readonly head: StoreHead | undefined;
  readonly tail: number;
  /** From this height on, and at 0, it is known which state is in force. */
  readonly statesFrom: number;
  readonly bodyBytes: number;
}

/** What a change of the store gives: it is one transaction, and what it fails with has changed nothing. */
export interface Changed<T> {
  readonly extent: Extent;
  readonly result: T;
}

/** Whether a block of this height is kept. */
export function isKept({ head, tail }: Extent, number: number): boolean {
  if (head === undefined || !Number.isSafeInteger(number)) return false;
  return number === 0 || (number >= tail && number > 0 && number <= head.number);
}

export function putExtent(batch: Batch, { head, ...rest }: Extent & { readonly head: StoreHead }): void {
  batch.put('meta', EXTENT_KEY, encodeExtentRecord({ ...rest, head: head.number }));
}

/**
 * The extent as stored. When its record is damaged, the newest height whose index is whole becomes the head, and what
 * stood above it is removed.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_CORRUPT when there is no such height
 */
export async function loadExtent(tables: Tables, log: Logger): Promise<Extent> {
  try {
    return await readExtent(tables);
  } catch (damage) {
    if (!isCorrupt(damage)) throw damage;
    const head = await newestWhole(tables);
    if (head === undefined) throw damage;
    const extent = { ...(await guessedExtent(tables)), head };
    await removeAbove(tables, extent);
    log.warn('the head of the block store is damaged, an older block takes its place', {
      height: head.number,
    });
    return extent;
  }
}

/** Whether a record is damaged, rather than the database or the disk in trouble. */
export function isCorrupt(error: unknown): boolean {
  return error instanceof BlockchainError && error.code === 'BLOCKCHAIN.STORE_CORRUPT';
}

async function readExtent(tables: Tables): Promise<Extent> {
  const record = tables.get('meta', EXTENT_KEY);
  const newest = await tables.lastUpTo('index', LAST_KEY);
  if (record === undefined && newest === undefined) {
    return { head: undefined, tail: 0, statesFrom: 0, bodyBytes: 0 };
  }
  if (record === undefined) throw corrupt(undefined, 'the head is missing');
  const { head: number, bodyBytes, ...rest } = decodeExtentRecord(record);
  if (newest === undefined || numberOfKey(newest.key) !== number) {
    throw corrupt(number, 'the head and the index contradict each other');
  }
  const head = decodeIndexRecord(number, newest.value);
  return { ...rest, head, bodyBytes: bodyBytes ?? (await tables.blockBytes()) };
}

async function newestWhole(tables: Tables): Promise<StoreHead | undefined> {
  for (let upTo = LAST_KEY; ; ) {
    const newest = await tables.lastUpTo('index', upTo);
    if (newest === undefined) return undefined;
    const number = numberOfKey(newest.key);
    try {
      return decodeIndexRecord(number, newest.value);
    } catch (damage) {
      if (!isCorrupt(damage)) throw damage;
    }
    if (number === 0) return undefined;
    upTo = numberKey(number - 1);
  }
}

/** What the index tells of the rest of a lost record. */
async function guessedExtent(tables: Tables): Promise<Omit<Extent, 'head'>> {
  const [oldest] = await tables.keys('index', numberKey(1), LAST_KEY, 1);
  const first = oldest === undefined ? 1 : numberOfKey(oldest);
  const tail = first === 1 ? 0 : first;
  return { tail, statesFrom: tail, bodyBytes: await tables.blockBytes() };
}

async function removeAbove(tables: Tables, extent: Extent & { readonly head: StoreHead }): Promise<void> {
  const start = numberKey(extent.head.number + 1);
  const names = ['blocks', 'index', 'states'] as const;
  const above = await Promise.all(
    names.map(async (table) => ({ table, keys: await tables.keys(table, start, LAST_KEY, Infinity) })),
  );
  await tables.commit((batch) => {
    for (const { table, keys } of above) for (const key of keys) batch.remove(table, key);
    putExtent(batch, extent);
  });
}
