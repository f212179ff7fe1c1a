import type { Logger } from '../../../../common/logger.port.js';
import type { StoreHead } from '../../ports/block-store.port.js';
import { readError } from './lmdb-errors.js';
import {
  corrupt,
  decodeHeadRecord,
  decodeIndexRecord,
  encodeHeadRecord,
  numberKey,
  numberOfKey,
} from './records.js';
import type { Table, Tables } from './tables.js';

const HEAD_KEY = Buffer.from('head');
const LAST_KEY = numberKey(Number.MAX_SAFE_INTEGER);

/** To be called inside a transaction. */
export function putHead(meta: Table, number: number): void {
  meta.putSync(HEAD_KEY, encodeHeadRecord(number));
}

/**
 * The head as stored. When its record is damaged, the newest height whose index is whole becomes the head, and what stood
 * above it is removed.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_CORRUPT when there is no such height
 */
export async function loadHead(tables: Tables, log: Logger): Promise<StoreHead | undefined> {
  try {
    return readHead(tables);
  } catch (cause) {
    const damage = readError(cause);
    if (damage.code !== 'BLOCKCHAIN.STORE_CORRUPT') throw damage;
    const head = newestWhole(tables.index);
    if (head === undefined) throw damage;
    await removeAbove(tables, head.number);
    log.warn('the head of the block store is damaged, an older block takes its place', {
      height: head.number,
    });
    return head;
  }
}

function readHead({ meta, index }: Tables): StoreHead | undefined {
  const record = meta.getBinary(HEAD_KEY);
  const newest = newestNumber(index);
  if (record === undefined && newest === undefined) return undefined;
  if (record === undefined) throw corrupt(undefined, 'the head is missing');
  const number = decodeHeadRecord(record);
  const entry = index.getBinary(numberKey(number));
  if (entry === undefined || newest !== number)
    throw corrupt(number, 'the head and the index contradict each other');
  return decodeIndexRecord(number, entry);
}

function newestNumber(index: Table): number | undefined {
  for (const key of index.getKeys({ reverse: true, start: LAST_KEY, limit: 1 })) return numberOfKey(key);
  return undefined;
}

function newestWhole(index: Table): StoreHead | undefined {
  for (const { key, value } of index.getRange({ reverse: true, start: LAST_KEY })) {
    try {
      return decodeIndexRecord(numberOfKey(key), value);
    } catch (cause) {
      const damage = readError(cause);
      if (damage.code !== 'BLOCKCHAIN.STORE_CORRUPT') throw damage;
    }
  }
  return undefined;
}

async function removeAbove({ blocks, index, meta, commit }: Tables, number: number): Promise<void> {
  const start = numberKey(number + 1);
  const above = [blocks, index].map((table) => ({ table, keys: [...table.getKeys({ start })] }));
  await commit(() => {
    for (const { table, keys } of above) for (const key of keys) table.removeSync(key);
    putHead(meta, number);
  });
}
