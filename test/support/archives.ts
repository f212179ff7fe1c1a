import { readFile } from 'node:fs/promises';
import { openDraft } from '../../src/modules/blockchain/archive/archive-draft.js';
import { ArchiveWriter } from '../../src/modules/blockchain/archive/archive-writer.js';
import {
  type ArchiveHeader,
  CHUNK_HEAD_BYTES,
  DIGEST_BYTES,
  HEADER_BYTES,
  Kind,
  sha256,
  TRAILER_BYTES,
} from '../../src/modules/blockchain/archive/chunk-layout.js';
import { encodeBlock } from '../../src/modules/blockchain/codec/block.codec.js';
import type { Header } from '../../src/modules/blockchain/index.js';

const hash = new Uint8Array(32);

/** Canonical RLP of a block that no chain would take: a height, and extra data of a size. */
export function paddedBlock(number: number, extraBytes = 0): Uint8Array {
  const header: Header = {
    parentHash: hash,
    sha3Uncles: hash,
    miner: hash.subarray(12),
    stateRoot: hash,
    txRoot: hash,
    receiptsRoot: hash,
    logsBloom: new Uint8Array(256),
    difficulty: 0n,
    number,
    gasLimit: 0n,
    gasUsed: 0n,
    timestamp: 0n,
    extraData: new Uint8Array(extraBytes).fill(number),
    mixHash: hash,
    nonce: new Uint8Array(8),
    baseFee: 0n,
  };
  return encodeBlock({ header, transactions: [] });
}

export const ARCHIVE_HEADER: ArchiveHeader = { chainId: 7, genesisHash: hash.map((_, at) => at), from: 0 };
export const LATEST_HASH: Uint8Array = new Uint8Array(32).fill(9);

export interface WriteChunkedOptions {
  readonly header?: ArchiveHeader;
  readonly resume?: boolean;
  /** Undefined leaves the archive unfinished, as an interruption does. */
  readonly latestHash?: Uint8Array | undefined;
}

/** Writes blocks to an archive of our format, those that are in it already left out, and gives its bytes. */
export async function writeChunked(
  path: string,
  blocks: readonly Uint8Array[],
  { header = ARCHIVE_HEADER, resume = false, latestHash }: WriteChunkedOptions = {},
): Promise<Uint8Array> {
  const draft = await openDraft(path, { resume });
  try {
    const writer = new ArchiveWriter(draft, header);
    await writer.append(blocks.slice(writer.next - header.from));
    if (latestHash !== undefined) await writer.finish(latestHash);
  } finally {
    await draft.file.close();
  }
  return new Uint8Array(await readFile(path));
}

/** A copy whose digests are right, as far as its parts can be told apart. */
export function withDigests(archive: Uint8Array): Uint8Array {
  const bytes = Buffer.from(archive);
  let before: Uint8Array = new Uint8Array();
  for (let at = 0; at < bytes.length; ) {
    const end = at + partBytes(bytes, at);
    if (end > bytes.length) break;
    before = sha256(before, bytes.subarray(at, end - DIGEST_BYTES));
    bytes.set(before, end - DIGEST_BYTES);
    at = end;
  }
  return bytes;
}

function partBytes(bytes: Buffer, at: number): number {
  if (at === 0) return HEADER_BYTES;
  if (bytes[at] === Kind.TRAILER) return TRAILER_BYTES;
  if (at + CHUNK_HEAD_BYTES > bytes.length) return Number.POSITIVE_INFINITY;
  return CHUNK_HEAD_BYTES + bytes.readUInt32BE(at + CHUNK_HEAD_BYTES - 4) + DIGEST_BYTES;
}
