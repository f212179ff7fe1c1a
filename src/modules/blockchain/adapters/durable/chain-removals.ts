import type { PruneResult, StoreHead } from '../../ports/block-store.port.js';
import type { BlockRef } from '../../ports/types.js';
import { pruneEnd } from '../follow-head.js';
import { indexAt, oldestRemoved } from './chain-reader.js';
import {
  decodeRecord,
  encodeRemovedRecord,
  hashOfRemovedKey,
  numberKey,
  numberOfKey,
  payloadBytes,
  RecordRoom,
  removedKey,
} from './records.js';
import { type Changed, type Extent, isCorrupt, putExtent } from './stored-extent.js';
import type { Batch, Tables } from './tables.js';

/** Old removed blocks that go with one append, at most; more than one append brings in by itself. */
const MAX_EXPIRED = 256;
const ROOM_BYTES = 65_536;

/** What a change is part of a transaction with. */
export type Write = (batch: Batch) => void;

export interface Cut {
  /** Newest first. */
  readonly removed: readonly BlockRef[];
  readonly bytes: number;
  readonly write: Write;
}

/** Takes blocks off the chain; those that are whole are kept aside, damaged ones go all the same. */
export async function cutAbove(tables: Tables, extent: Extent, number: number): Promise<Cut> {
  const newest = extent.head?.number ?? number;
  const cut: { number: number; hash: Uint8Array; raw: Uint8Array | undefined }[] = [];
  const room = new RecordRoom(ROOM_BYTES);
  let bytes = 0;
  for (let at = newest; at > number; at--) {
    const record = tables.get('blocks', numberKey(at), room);
    const hash = hashIfWhole(tables, extent, at);
    bytes += record === undefined ? 0 : payloadBytes(record);
    const raw = record && ifWhole(() => decodeRecord(at, record, 'the block'));
    if (hash !== undefined) cut.push({ number: at, hash, raw });
  }
  const states = await tables.keys('states', numberKey(number + 1), numberKey(newest + 1), Infinity);
  const write = (batch: Batch) => {
    for (let at = newest; at > number; at--) removeHeight(batch, at);
    for (const { number: at, hash, raw } of cut) {
      if (raw === undefined) batch.remove('hashes', hash);
      else batch.put('removed', removedKey(at, hash), encodeRemovedRecord(hash, raw));
    }
    for (const key of states) batch.remove('states', key);
  };
  return { removed: cut.map(({ number, hash }) => ({ number, hash })), bytes, write };
}

/** Forgets removed blocks that are too far below the head to be; those that came back stay in the chain. */
export async function expiry(tables: Tables, extent: Extent, head: StoreHead): Promise<Write> {
  const end = numberKey(oldestRemoved(head));
  const keys = await tables.keys('removed', numberKey(0), end, MAX_EXPIRED);
  const expired = keys.map((key) => {
    const hash = hashOfRemovedKey(key);
    const cameBack = hashIfWhole(tables, extent, numberOfKey(key));
    return { key, hash, isOfChain: cameBack !== undefined && Buffer.compare(cameBack, hash) === 0 };
  });
  return (batch) => {
    for (const { key, hash, isOfChain } of expired) {
      batch.remove('removed', key);
      if (!isOfChain) batch.remove('hashes', hash);
    }
  };
}

export async function prune(
  tables: Tables,
  extent: Extent,
  number: number,
  maxCount: number,
): Promise<Changed<PruneResult>> {
  const { head } = extent;
  const { from, end } = pruneEnd(head, extent.tail, number, maxCount);
  if (head === undefined || end <= from) return { extent, result: { tail: extent.tail, removed: 0 } };
  const inForce = await tables.lastUpTo('states', numberKey(end - 1));
  const states = await tables.keys('states', numberKey(1), inForce?.key ?? numberKey(1), Infinity);
  const room = new RecordRoom(ROOM_BYTES);
  let bytes = 0;
  const hashes: Uint8Array[] = [];
  for (let at = from; at < end; at++) {
    bytes += bodyBytesAt(tables, at, room);
    const hash = hashIfWhole(tables, extent, at);
    if (hash !== undefined) hashes.push(hash);
  }
  const bodyBytes = Math.max(extent.bodyBytes - bytes, 0);
  const next = { head, tail: end, statesFrom: end - 1, bodyBytes };
  await tables.commit((batch) => {
    for (let at = from; at < end; at++) removeHeight(batch, at);
    for (const hash of hashes) batch.remove('hashes', hash);
    for (const key of states) batch.remove('states', key);
    putExtent(batch, next);
  });
  return { extent: next, result: { tail: end, removed: end - from } };
}

function removeHeight(batch: Batch, number: number): void {
  batch.remove('index', numberKey(number));
  batch.remove('blocks', numberKey(number));
}

function bodyBytesAt(tables: Tables, number: number, room: RecordRoom): number {
  const record = tables.get('blocks', numberKey(number), room);
  return record === undefined ? 0 : payloadBytes(record);
}

function hashIfWhole(tables: Tables, extent: Extent, number: number): Uint8Array | undefined {
  return ifWhole(() => indexAt(tables, extent, number)?.hash);
}

/** Of what is to be removed: it may be damaged, the rest of it goes all the same. */
function ifWhole<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (damage) {
    if (isCorrupt(damage)) return undefined;
    throw damage;
  }
}
