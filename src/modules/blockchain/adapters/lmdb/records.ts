import { crc32 } from 'node:zlib';
import { BlockchainError } from '../../blockchain.errors.js';
import type { StoreHead } from '../../ports/block-store.port.js';

/**
 * How values stand in the database: a CRC-32 (4 bytes, big endian), then the payload. LMDB's pages carry no digest of
 * their own. The CRC starts from the record's number, so that a record which turns up under another key is noticed too.
 */
const DIGEST_BYTES = 4;
const NUMBER_BYTES = 8;
const HASH_BYTES = 32;
const DIFFICULTY_BYTES = 16;
const TWO_32 = 2 ** 32;

/** 8 bytes, big endian, so that the database's order is the chain's. */
export function numberKey(number: number): Buffer {
  const key = Buffer.allocUnsafe(NUMBER_BYTES);
  key.writeUInt32BE(Math.floor(number / TWO_32), 0);
  key.writeUInt32BE(number % TWO_32, 4);
  return key;
}

export function numberOfKey(key: Uint8Array): number {
  const view = viewOf(key);
  return view.getUint32(0) * TWO_32 + view.getUint32(4);
}

/** A block's record: its RLP. */
export function encodeBlockRecord(number: number, raw: Uint8Array): Uint8Array {
  const record = Buffer.allocUnsafe(DIGEST_BYTES + raw.length);
  record.set(raw, DIGEST_BYTES);
  return seal(record, number);
}

/** Room for the records of one read, which share a few allocations. */
export class RecordRoom {
  private slab = Buffer.alloc(0);
  private used = 0;

  /** @param slabBytes What is allocated at a time, unless a record is longer. */
  constructor(private readonly slabBytes: number) {}

  take(bytes: number): Buffer {
    if (this.used + bytes > this.slab.length) {
      this.slab = Buffer.allocUnsafeSlow(Math.max(bytes, this.slabBytes));
      this.used = 0;
    }
    this.used += bytes;
    return this.slab.subarray(this.used - bytes, this.used);
  }
}

/**
 * The RLP, copied out of the record, whose bytes may be the database's own and short-lived.
 * @param length Bytes of the record; the buffer may be longer.
 */
export function decodeBlockRecord(
  number: number,
  record: Uint8Array,
  length: number,
  room: RecordRoom,
): Uint8Array {
  if (length < DIGEST_BYTES) throw corrupt(number, 'the block is cut off');
  const copy = room.take(length);
  copy.set(record.subarray(0, length));
  return open(copy, number, number, 'the digest of the block does not hold');
}

/** A height's record: hash and total difficulty. */
export function encodeIndexRecord({ number, hash, totalDifficulty }: StoreHead): Uint8Array {
  const record = Buffer.allocUnsafe(DIGEST_BYTES + HASH_BYTES + DIFFICULTY_BYTES);
  record.set(hash, DIGEST_BYTES);
  record.writeBigUInt64BE(totalDifficulty >> 64n, DIGEST_BYTES + HASH_BYTES);
  record.writeBigUInt64BE(totalDifficulty & 0xffff_ffff_ffff_ffffn, DIGEST_BYTES + HASH_BYTES + 8);
  return seal(record, number);
}

export function decodeIndexRecord(number: number, record: Uint8Array): StoreHead {
  if (record.length !== DIGEST_BYTES + HASH_BYTES + DIFFICULTY_BYTES)
    throw corrupt(number, 'its index is cut off');
  const payload = open(record, number, number, 'the digest of its index does not hold');
  const view = viewOf(payload);
  return {
    number,
    hash: payload.slice(0, HASH_BYTES),
    totalDifficulty: (view.getBigUint64(HASH_BYTES) << 64n) | view.getBigUint64(HASH_BYTES + 8),
  };
}

/** The record under a hash: the number. Its CRC starts from the hash's. */
export function encodeNumberRecord(hash: Uint8Array, number: number): Uint8Array {
  return seal(Buffer.concat([Buffer.alloc(DIGEST_BYTES), numberKey(number)]), crc32(hash));
}

export function decodeNumberRecord(hash: Uint8Array, record: Uint8Array): number {
  if (record.length !== DIGEST_BYTES + NUMBER_BYTES) throw corrupt(undefined, 'the index by hash is cut off');
  return numberOfKey(open(record, crc32(hash), undefined, 'the digest of the index by hash does not hold'));
}

/** The newest block's number; the rest stands in its index record. */
export function encodeHeadRecord(number: number): Uint8Array {
  return encodeBlockRecord(0, numberKey(number));
}

export function decodeHeadRecord(record: Uint8Array): number {
  if (record.length !== DIGEST_BYTES + NUMBER_BYTES) throw corrupt(undefined, 'the head is cut off');
  return numberOfKey(open(record, 0, undefined, 'the digest of the head does not hold'));
}

export function corrupt(number: number | undefined, reason: string, cause?: unknown): BlockchainError {
  const at = number === undefined ? {} : { number };
  return new BlockchainError({ code: 'BLOCKCHAIN.STORE_CORRUPT', ...at, reason }, cause);
}

function seal(record: Buffer, seed: number): Uint8Array {
  record.writeUInt32BE(crc32(record.subarray(DIGEST_BYTES), seed % TWO_32), 0);
  return record;
}

function open(record: Uint8Array, seed: number, number: number | undefined, fault: string): Uint8Array {
  const payload = new Uint8Array(
    record.buffer,
    record.byteOffset + DIGEST_BYTES,
    record.byteLength - DIGEST_BYTES,
  );
  if (crc32(payload, seed % TWO_32) !== viewOf(record).getUint32(0)) throw corrupt(number, fault);
  return payload;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
