import { bytesEqual } from '../../../../common/bytes.js';
import {
  type RangeLimits,
  REMOVED_HEIGHTS,
  type RemovedBlock,
  type StateRecord,
  type StoreHead,
} from '../../ports/block-store.port.js';
import {
  corrupt,
  decodeIndexRecord,
  decodeNumberRecord,
  decodeRecord,
  decodeRemovedRecord,
  numberKey,
  numberOfKey,
  RecordRoom,
  removedKey,
} from './records.js';
import { type Extent, isKept } from './stored-extent.js';
import type { Tables } from './tables.js';

const HASH_BYTES = 32;
/** Blocks of one read that share an allocation: who keeps one of them keeps as much. */
const MAX_SLAB_BYTES = 65_536;

/** Hash and total difficulty of a block of the chain; undefined where none is kept. */
export function indexAt(tables: Tables, extent: Extent, number: number): StoreHead | undefined {
  if (!isKept(extent, number)) return undefined;
  const record = tables.get('index', numberKey(number));
  if (record === undefined) throw corrupt(number, 'its index is missing');
  return decodeIndexRecord(number, record);
}

export function numberByHash(tables: Tables, extent: Extent, hash: Uint8Array): number | undefined {
  const number = numberUnder(tables, hash);
  return number !== undefined && isOfChain(tables, extent, number, hash) ? number : undefined;
}

/** Whether this is the chain's block at that height: hashes of removed blocks have numbers too. */
export function isOfChain(tables: Tables, extent: Extent, number: number, hash: Uint8Array): boolean {
  const entry = indexAt(tables, extent, number);
  return entry !== undefined && bytesEqual(entry.hash, hash);
}

/** All from one snapshot: nothing else runs meanwhile, and writes that move blocks keep reads waiting. */
export function rawBlocks(tables: Tables, extent: Extent, from: number, limits: RangeLimits): Uint8Array[] {
  const { maxCount, maxBytes } = limits;
  const found: Uint8Array[] = [];
  const room = new RecordRoom(Math.min(maxBytes, MAX_SLAB_BYTES));
  let bytes = 0;
  for (let number = from; found.length < maxCount && isKept(extent, number); number++) {
    // Block 0 of a store that was cut is followed by nothing.
    if (found.length > 0 && number === extent.tail) break;
    const record = tables.get('blocks', numberKey(number), room);
    if (record === undefined) throw corrupt(number, 'the block is missing');
    const raw = decodeRecord(number, record, 'the block');
    bytes += raw.length;
    if (found.length > 0 && bytes > maxBytes) break;
    found.push(raw);
  }
  return found;
}

export async function stateAt(
  tables: Tables,
  { head, statesFrom }: Extent,
  number: number,
): Promise<StateRecord | undefined> {
  const isKnown = number === 0 || (Number.isSafeInteger(number) && number >= statesFrom);
  if (head === undefined || !isKnown || number < 0 || number > head.number) return undefined;
  const entry = await tables.lastUpTo('states', numberKey(number));
  if (entry === undefined) return undefined;
  const at = numberOfKey(entry.key);
  return { number: at, state: decodeRecord(at, entry.value, 'the state') };
}

export function removedBlock(tables: Tables, extent: Extent, hash: Uint8Array): RemovedBlock | undefined {
  const number = numberUnder(tables, hash);
  if (number === undefined || number < oldestRemoved(extent.head)) return undefined;
  if (isOfChain(tables, extent, number, hash)) return undefined;
  const record = tables.get('removed', removedKey(number, hash));
  return record && { number, raw: decodeRemovedRecord(number, hash, record) };
}

/** Removed blocks below this height are no longer given out. */
export function oldestRemoved(head: StoreHead | undefined): number {
  return Math.max((head?.number ?? 0) - REMOVED_HEIGHTS, 0);
}

function numberUnder(tables: Tables, hash: Uint8Array): number | undefined {
  const record = hash.length === HASH_BYTES ? tables.get('hashes', hash) : undefined;
  return record && decodeNumberRecord(hash, record);
}
