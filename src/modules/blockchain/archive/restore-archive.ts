import { bytesEqual, toHex } from '../../../common/bytes.js';
import type { Logger } from '../../../common/logger.port.js';
import { BlockchainError } from '../blockchain.errors.js';
import { encodeHeader } from '../codec/header.codec.js';
import { keccak256 } from '../crypto/keccak.js';
import type { Chain, ChainWriter } from '../ports/chain.port.js';
import type { ChainHead } from '../ports/types.js';
import { chunksOf, openArchive } from './archive-file.js';
import type { ArchiveMetadata } from './archive-metadata.js';
import { inBatches } from './in-batches.js';
import { readArchive } from './read-archive.js';

/** The most that `blockchain.maxBlockBytes` may be; the setting itself holds where blocks are inserted. */
const MAX_ITEM_BYTES = 64 * 1_024 * 1_024;
const BATCH = { maxBlocks: 128, maxBytes: 16 * 1_024 * 1_024 };
/** Batches between two lines of progress; a line every 8192 blocks. */
const PROGRESS_BATCHES = 64;

export interface RestoreOptions {
  readonly path: string;
  readonly writer: ChainWriter;
  readonly chain: Chain;
  readonly log: Logger;
  /** Ends the restore after the batch under way. */
  readonly signal: AbortSignal;
}

export interface Restored {
  /** Blocks that were stored; those already known do not count. */
  readonly restored: number;
  readonly head: ChainHead | undefined;
}

/**
 * Reads an archive that `backup` wrote and stores its blocks, each verified like one from a peer. Blocks before a bad
 * one, and before the place where the file is cut off or damaged, stay.
 * @throws {BlockchainError} BLOCKCHAIN.ARCHIVE_INVALID for what is no archive, BLOCKCHAIN.CANCELLED when the signal aborts
 * before its end, or what ChainWriter.insert throws, with the number of the bad block
 * @see polygon-edge@597a0f3 archive/restore.go RestoreChain
 * @remarks Differs: a height or hash in the metadata that the blocks do not bear out is logged.
 */
export async function restoreArchive(options: RestoreOptions): Promise<Restored> {
  const { path, chain, log } = options;
  const file = await openArchive(path);
  try {
    const { metadata, blocks } = await readArchive(chunksOf(file, path), { maxItemBytes: MAX_ITEM_BYTES });
    if ((await latestHashes(chain, metadata)).some((hash) => bytesEqual(hash, metadata.latestHash))) {
      log.info('nothing to restore: the chain holds the latest block of the archive', { path });
      return { restored: 0, head: chain.head() };
    }
    const restored = await insertAll(blocks, metadata, options);
    await compareEnd(chain, metadata, log);
    return { restored, head: chain.head() };
  } finally {
    await file.close();
  }
}

async function insertAll(
  blocks: AsyncIterable<Uint8Array>,
  { latest }: ArchiveMetadata,
  { writer, chain, log, signal }: RestoreOptions,
): Promise<number> {
  let restored = 0;
  let batches = 0;
  try {
    for await (const batch of inBatches(blocks, BATCH)) {
      if (signal.aborted) throw interrupted(chain);
      const { inserted, head } = await writer.insert(batch, { source: 'restore' });
      restored += inserted.length;
      batches += 1;
      if (batches % PROGRESS_BATCHES === 0) log.info('restoring', { height: head.number, latest });
    }
  } catch (cause) {
    throw withWhatIsKept(cause, chain);
  }
  return restored;
}

function interrupted(chain: Chain): BlockchainError {
  const at = chain.head()?.number;
  const reason = `restore interrupted ${at === undefined ? 'before its first block' : `at block ${at}`}`;
  return new BlockchainError({ code: 'BLOCKCHAIN.CANCELLED', reason });
}

function withWhatIsKept(cause: unknown, chain: Chain): unknown {
  const keptUpTo = chain.head()?.number;
  if (!(cause instanceof BlockchainError) || keptUpTo === undefined) return cause;
  const { detail } = cause;
  return detail.code === 'BLOCKCHAIN.ARCHIVE_INVALID'
    ? new BlockchainError({ ...detail, keptUpTo }, cause)
    : cause;
}

/**
 * The hashes by which metadata may name the latest block, when the chain has it. The Go client's `backup` with an end
 * does not know the chain's engine and writes the plain hash of the header.
 * @see polygon-edge@597a0f3 archive/backup.go determineTo
 */
async function latestHashes(chain: Chain, { latest }: ArchiveMetadata): Promise<Uint8Array[]> {
  const hash = await chain.hashByNumber(latest);
  const header = await chain.header(latest);
  return [...(hash ? [hash] : []), ...(header ? [keccak256(encodeHeader(header))] : [])];
}

async function compareEnd(chain: Chain, metadata: ArchiveMetadata, log: Logger): Promise<void> {
  const { latest, latestHash } = metadata;
  const hashes = await latestHashes(chain, metadata);
  const [hash] = hashes;
  if (hash === undefined) {
    log.warn('the archive ends before the block that its metadata names', {
      height: chain.head()?.number,
      latest,
    });
  } else if (!hashes.some((known) => bytesEqual(known, latestHash))) {
    log.warn('the metadata of the archive has another hash for its latest block', {
      height: latest,
      hash: toHex(hash),
      archiveHash: toHex(latestHash),
    });
  }
}
