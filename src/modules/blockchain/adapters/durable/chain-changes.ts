import type { StateRecord } from '../../ports/block-store.port.js';
import type { BlockRef, VerifiedBlock } from '../../ports/types.js';
import {
  type Appended,
  assertRewindable,
  assertStartable,
  followHead,
  followParent,
  gap,
} from '../follow-head.js';
import { indexAt, isOfChain, oldestRemoved } from './chain-reader.js';
import { cutAbove, expiry } from './chain-removals.js';
import {
  encodeIndexRecord,
  encodeNumberRecord,
  encodeRecord,
  encodeRemovedRecord,
  numberKey,
  removedKey,
} from './records.js';
import { type Changed, type Extent, isKept, putExtent } from './stored-extent.js';
import type { Batch, Tables } from './tables.js';

export async function append(
  tables: Tables,
  extent: Extent,
  blocks: readonly VerifiedBlock[],
): Promise<Changed<void>> {
  const appended = followHead(extent.head, blocks);
  const head = appended.at(-1)?.head;
  if (head === undefined) return { extent, result: undefined };
  const expire = await expiry(tables, extent, head);
  const next = { ...extent, head, bodyBytes: extent.bodyBytes + bytesOf(appended) };
  await tables.commit((batch) => {
    // First, as one of the blocks may be a removed one that comes back.
    expire(batch);
    for (const each of appended) putBlock(batch, each);
    putExtent(batch, next);
  });
  return { extent: next, result: undefined };
}

export async function startAt(tables: Tables, extent: Extent, block: VerifiedBlock): Promise<Changed<void>> {
  assertStartable(extent.head, block);
  const { number, hash, difficulty, raw } = block;
  const head = { number, hash: new Uint8Array(hash), totalDifficulty: difficulty };
  const next = { head, tail: number, statesFrom: number, bodyBytes: extent.bodyBytes + raw.length };
  await tables.commit((batch) => {
    putBlock(batch, { block, head });
    putExtent(batch, next);
  });
  return { extent: next, result: undefined };
}

export async function rewind(
  tables: Tables,
  extent: Extent,
  number: number,
): Promise<Changed<readonly BlockRef[]>> {
  assertRewindable(extent.head, extent.tail, number);
  const head = indexAt(tables, extent, number);
  if (head === undefined) throw gap(number, extent.tail);
  const cut = await cutAbove(tables, extent, number);
  const next = { ...extent, head, bodyBytes: Math.max(extent.bodyBytes - cut.bytes, 0) };
  await tables.commit((batch) => {
    cut.write(batch);
    putExtent(batch, next);
  });
  return { extent: next, result: cut.removed };
}

export async function replace(
  tables: Tables,
  extent: Extent,
  blocks: readonly VerifiedBlock[],
): Promise<Changed<readonly BlockRef[]>> {
  const appended = followParent(blocks, (number) =>
    number >= extent.tail ? indexAt(tables, extent, number) : undefined,
  );
  const [first] = appended;
  const head = appended.at(-1)?.head;
  if (first === undefined || head === undefined) return { extent, result: [] };
  const cut = await cutAbove(tables, extent, first.head.number - 1);
  const expire = await expiry(tables, extent, head);
  const bodyBytes = Math.max(extent.bodyBytes - cut.bytes, 0) + bytesOf(appended);
  const next = { ...extent, head, bodyBytes };
  await tables.commit((batch) => {
    expire(batch);
    cut.write(batch);
    for (const each of appended) putBlock(batch, each);
    putExtent(batch, next);
  });
  return { extent: next, result: cut.removed };
}

export async function putStates(
  tables: Tables,
  extent: Extent,
  records: readonly StateRecord[],
): Promise<Changed<void>> {
  for (const { number } of records) if (!isKept(extent, number)) throw gap(number, extent.tail);
  if (records.length > 0) {
    await tables.commit((batch) => {
      for (const { number, state } of records) putState(batch, number, state);
    });
  }
  return { extent, result: undefined };
}

export async function keepAside(
  tables: Tables,
  extent: Extent,
  { number, hash, raw }: VerifiedBlock,
): Promise<Changed<void>> {
  if (number >= oldestRemoved(extent.head) && !isOfChain(tables, extent, number, hash)) {
    await tables.commit((batch) => {
      batch.put('hashes', hash, encodeNumberRecord(hash, number));
      batch.put('removed', removedKey(number, hash), encodeRemovedRecord(hash, raw));
    });
  }
  return { extent, result: undefined };
}

function putBlock(batch: Batch, { block, head }: Appended): void {
  const { number, hash } = head;
  const key = numberKey(number);
  // Told that a record is the last, LMDB fills its pages to the end. It is: opening saw that nothing is above the head.
  batch.putLast('blocks', key, encodeRecord(number, block.raw));
  batch.putLast('index', key, encodeIndexRecord(head));
  batch.put('hashes', hash, encodeNumberRecord(hash, number));
  if (block.state !== undefined) putState(batch, number, block.state);
}

function putState(batch: Batch, number: number, state: Uint8Array): void {
  batch.put('states', numberKey(number), encodeRecord(number, state));
}

function bytesOf(appended: readonly Appended[]): number {
  return appended.reduce((sum, { block }) => sum + block.raw.length, 0);
}
