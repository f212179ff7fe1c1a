import { createHash } from 'node:crypto';
import { bytesEqual } from '../../../common/bytes.js';
import { archiveFault } from './archive-fault.js';
import type { ArchiveMetadata } from './archive-metadata.js';

/** How our own archives begin. No archive of the Go client can: it begins with an RLP list, 0xc0 or above. */
export const MAGIC: Uint8Array = Buffer.from('EDGEKEEP', 'latin1');
const VERSION = 1;

/** Chunks are numbered by kind, so that a reader knows what it stands before. */
export const Kind = { CHUNK: 1, TRAILER: 2 } as const;

export const DIGEST_BYTES = 32;
const HASH_BYTES = 32;
/** magic, version, chain ID, genesis hash, first height, digest */
export const HEADER_BYTES = MAGIC.length + 4 + 8 + HASH_BYTES + 8 + DIGEST_BYTES;
/** kind, first height, blocks, bytes of the blocks */
export const CHUNK_HEAD_BYTES = 1 + 8 + 4 + 4;
/** kind, last height, hash of the last block, digest */
export const TRAILER_BYTES = 1 + 8 + HASH_BYTES + DIGEST_BYTES;

/** A chunk ends with this many blocks, */
export const MAX_CHUNK_BLOCKS = 256;
/** or before the block that would make it longer than this, unless it is the only one. */
export const MAX_CHUNK_BYTES = 1_024 * 1_024;

/** What an archive of ours says before its blocks. */
export interface ArchiveHeader {
  readonly chainId: number;
  /** 32 bytes. */
  readonly genesisHash: Uint8Array;
  /** Height of the first block. */
  readonly from: number;
}

export interface ChunkHead {
  readonly from: number;
  /** Blocks in the chunk. */
  readonly count: number;
  /** Bytes of its blocks. */
  readonly length: number;
}

/** SHA-256 over the parts; each digest of an archive covers the one before it. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

export function encodeArchiveHeader({ chainId, genesisHash, from }: ArchiveHeader): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.set(MAGIC, 0);
  bytes.writeUInt32BE(VERSION, 8);
  bytes.writeBigUInt64BE(BigInt(chainId), 12);
  bytes.set(genesisHash, 20);
  bytes.writeBigUInt64BE(BigInt(from), 52);
  return sealed(bytes);
}

/** @throws {BlockchainError} BLOCKCHAIN.ARCHIVE_INVALID */
export function decodeArchiveHeader(header: Uint8Array): ArchiveHeader {
  const bytes = Buffer.from(header);
  if (!bytesEqual(bytes.subarray(0, MAGIC.length), MAGIC)) throw archiveFault(0, 'not an archive');
  if (bytes.length < HEADER_BYTES) throw archiveFault(0, 'the file ends inside of the header');
  const version = bytes.readUInt32BE(8);
  if (version !== VERSION) throw archiveFault(0, `version ${version}, which is not known here`);
  checkSeal(bytes, new Uint8Array(), 0, 'header');
  return {
    chainId: readUint64(bytes, 12, 0),
    genesisHash: new Uint8Array(bytes.subarray(20, 20 + HASH_BYTES)),
    from: readUint64(bytes, 52, 0),
  };
}

export function encodeChunkHead({ from, count, length }: ChunkHead): Uint8Array {
  const bytes = Buffer.alloc(CHUNK_HEAD_BYTES);
  bytes.writeUInt8(Kind.CHUNK, 0);
  bytes.writeBigUInt64BE(BigInt(from), 1);
  bytes.writeUInt32BE(count, 9);
  bytes.writeUInt32BE(length, 13);
  return bytes;
}

/**
 * Nothing of a chunk is taken before its head is within bounds.
 * @throws {BlockchainError} BLOCKCHAIN.ARCHIVE_INVALID
 */
export function decodeChunkHead(head: Uint8Array, offset: number, maxBlockBytes: number): ChunkHead {
  const bytes = Buffer.from(head);
  const from = readUint64(bytes, 1, offset);
  const count = bytes.readUInt32BE(9);
  const length = bytes.readUInt32BE(13);
  if (count < 1 || count > MAX_CHUNK_BLOCKS) throw archiveFault(offset, `a chunk of ${count} blocks`);
  if (length > (count === 1 ? maxBlockBytes : MAX_CHUNK_BYTES)) {
    throw archiveFault(offset, `a chunk of ${count} blocks and ${length} bytes`);
  }
  return { from, count, length };
}

/** @param before The digest of the last chunk. */
export function encodeTrailer({ latest, latestHash }: ArchiveMetadata, before: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(TRAILER_BYTES);
  bytes.writeUInt8(Kind.TRAILER, 0);
  bytes.writeBigUInt64BE(BigInt(latest), 1);
  bytes.set(latestHash, 9);
  return sealed(bytes, before);
}

/** What a trailer says; neither digest nor height is checked. */
export function readTrailer(trailer: Uint8Array): ArchiveMetadata {
  const bytes = Buffer.from(trailer);
  return {
    latest: Number(bytes.readBigUInt64BE(1)),
    latestHash: new Uint8Array(bytes.subarray(9, 9 + HASH_BYTES)),
  };
}

/**
 * Compares the digest at the end of a header or trailer.
 * @throws {BlockchainError} BLOCKCHAIN.ARCHIVE_INVALID
 */
export function checkSeal(bytes: Uint8Array, before: Uint8Array, offset: number, what: string): void {
  const end = bytes.length - DIGEST_BYTES;
  if (!bytesEqual(bytes.subarray(end), sha256(before, bytes.subarray(0, end)))) {
    throw archiveFault(offset, `the ${what} does not match its digest`);
  }
}

/** Fills in the digest, the last 32 bytes. */
function sealed(bytes: Uint8Array, before: Uint8Array = new Uint8Array()): Uint8Array {
  const end = bytes.length - DIGEST_BYTES;
  bytes.set(sha256(before, bytes.subarray(0, end)), end);
  return bytes;
}

function readUint64(bytes: Buffer, at: number, offset: number): number {
  const value = Number(bytes.readBigUInt64BE(at));
  if (!Number.isSafeInteger(value)) throw archiveFault(offset, 'a number above 2^53-1');
  return value;
}
