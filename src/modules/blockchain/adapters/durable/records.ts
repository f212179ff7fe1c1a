import { crc32 } from 'node:zlib';
import { BlockchainError } from '../../blockchain.errors.js';
import type { StoreHead } from '../../ports/block-store.port.js';

/**
 * How values stand in the database: a CRC-32 (4 bytes, big endian), then the payload. LMDB's pages carry no digest of
 * their own, and LevelDB does not check its tables' when it reads. The CRC starts from the record's number, so that a
 * record which turns up under another key is noticed too.
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

/** The record of a block's RLP, or of an engine's state after a block. */
export function encodeRecord(number: number, payload: Uint8Array): Uint8Array {
  return sealed(payload, number);
}

/**
 * @param what Is said in the error: `the block`, `the state`.
 * @returns A part of the record.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_CORRUPT, as all that decode here
 */
export function decodeRecord(number: number, record: Uint8Array, what: string): Uint8Array {
  if (record.length < DIGEST_BYTES) throw corrupt(number, `${what} is cut off`);
  return open(record, number, number, `the digest of ${what} does not hold`);
}

/** Bytes of the payload of such a record, whole or not. */
export function payloadBytes(record: Uint8Array): number {
  return Math.max(record.length - DIGEST_BYTES, 0);
}

/** Room for the records of one read, which share a few allocations. */
export class RecordRoom {
  private slab = Buffer.alloc(0);
  private used = 0;

  /** @param slabBytes What is allocated at a time, unless a record is longer. */
  constructor(private readonly slabBytes: number) {}

  /** @param bytes How much of `source` is to be copied. */
  copy(source: Uint8Array, bytes: number): Uint8Array {
    if (this.used + bytes > this.slab.length) {
      this.slab = Buffer.allocUnsafeSlow(Math.max(bytes, this.slabBytes));
      this.used = 0;
    }
    this.slab.set(source.subarray(0, bytes), this.used);
    this.used += bytes;
    return this.slab.subarray(this.used - bytes, this.used);
  }
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
  return sealed(numberKey(number), crc32(hash));
}

export function decodeNumberRecord(hash: Uint8Array, record: Uint8Array): number {
  if (record.length !== DIGEST_BYTES + NUMBER_BYTES) throw corrupt(undefined, 'the index by hash is cut off');
  return numberOfKey(open(record, crc32(hash), undefined, 'the digest of the index by hash does not hold'));
}

/** The key of a block that is not of the chain: number, then hash, so that they stand in order of age. */
export function removedKey(number: number, hash: Uint8Array): Buffer {
  return Buffer.concat([numberKey(number), hash]);
}

export function hashOfRemovedKey(key: Uint8Array): Uint8Array {
  return key.subarray(NUMBER_BYTES);
}

/** The record of a block that is not of the chain: its RLP. Its CRC starts from the hash's. */
export function encodeRemovedRecord(hash: Uint8Array, raw: Uint8Array): Uint8Array {
  return sealed(raw, crc32(hash));
}

export function decodeRemovedRecord(number: number, hash: Uint8Array, record: Uint8Array): Uint8Array {
  if (record.length < DIGEST_BYTES) throw corrupt(number, 'the removed block is cut off');
  return open(record, crc32(hash), number, 'the digest of the removed block does not hold');
}

/** What is kept of the chain. */
export interface ExtentRecord {
  /** Height of the head; the rest of the head stands in its index record. */
  readonly head: number;
  readonly tail: number;
  /** From this height on it is known which state is in force. */
  readonly statesFrom: number;
  /** Undefined in a store of schema 1, which did not count. */
  readonly bodyBytes: number | undefined;
}

export function encodeExtentRecord({ head, tail, statesFrom, bodyBytes = 0 }: ExtentRecord): Uint8Array {
  return sealed(Buffer.concat([head, tail, statesFrom, bodyBytes].map(numberKey)), 0);
}

/** Schema 1 had only the number of the head. */
export function decodeExtentRecord(record: Uint8Array): ExtentRecord {
  const count = (record.length - DIGEST_BYTES) / NUMBER_BYTES;
  if (count !== 1 && count !== 4) throw corrupt(undefined, 'the head is cut off');
  const payload = open(record, 0, undefined, 'the digest of the head does not hold');
  const at = (place: number) => numberOfKey(payload.subarray(place * NUMBER_BYTES));
  if (count === 1) return { head: at(0), tail: 0, statesFrom: 0, bodyBytes: undefined };
  return { head: at(0), tail: at(1), statesFrom: at(2), bodyBytes: at(3) };
}

export function corrupt(number: number | undefined, reason: string, cause?: unknown): BlockchainError {
  const at = number === undefined ? {} : { number };
  return new BlockchainError({ code: 'BLOCKCHAIN.STORE_CORRUPT', ...at, reason }, cause);
}

function sealed(payload: Uint8Array, seed: number): Uint8Array {
  const record = Buffer.allocUnsafe(DIGEST_BYTES + payload.length);
  record.set(payload, DIGEST_BYTES);
  return seal(record, seed);
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
