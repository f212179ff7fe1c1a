import { bytesEqual, toHex } from '../../../common/bytes.js';
import type { Logger } from '../../../common/logger.port.js';
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
  /** Ends the restore after the batch under way; that is no error. */
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
 * @throws {BlockchainError} BLOCKCHAIN.ARCHIVE_INVALID for what is no archive, or what ChainWriter.insert throws, with
 * the number of the bad block
 * @see polygon-edge@597a0f3 archive/restore.go RestoreChain
 * @remarks Differs: a height or hash in the metadata that the blocks do not bear out is logged.
 */
export async function restoreArchive(options: RestoreOptions): Promise<Restored> {
  const { path, chain, log } = options;
  const file = await openArchive(path);
  try {
    const { metadata, blocks } = await readArchive(chunksOf(file, path), { maxItemBytes: MAX_ITEM_BYTES });
    if (await holdsLatest(chain, metadata)) {
      log.info('nothing to restore: the chain holds the latest block of the archive', { path });
      return { restored: 0, head: chain.head() };
    }
    const restored = await insertAll(blocks, metadata, options);
    if (!options.signal.aborted) await compareEnd(chain, metadata, log);
    return { restored, head: chain.head() };
  } finally {
    await file.close();
  }
}

async function insertAll(
  blocks: AsyncIterable<Uint8Array>,
  { latest }: ArchiveMetadata,
  { writer, log, signal }: RestoreOptions,
): Promise<number> {
  let restored = 0;
  let batches = 0;
  if (signal.aborted) return restored;
  for await (const batch of inBatches(blocks, BATCH)) {
    const { inserted, head } = await writer.insert(batch, { source: 'restore' });
    restored += inserted.length;
    batches += 1;
    if (batches % PROGRESS_BATCHES === 0) log.info('restoring', { height: head.number, latest });
    if (signal.aborted) break;
  }
  return restored;
}

async function holdsLatest(chain: Chain, { latest, latestHash }: ArchiveMetadata): Promise<boolean> {
  const hash = await chain.hashByNumber(latest);
  return hash !== undefined && bytesEqual(hash, latestHash);
}

async function compareEnd(chain: Chain, { latest, latestHash }: ArchiveMetadata, log: Logger): Promise<void> {
  const hash = await chain.hashByNumber(latest);
  if (hash === undefined) {
    log.warn('the archive ends before the block that its metadata names', {
      height: chain.head()?.number,
      latest,
    });
  } else if (!bytesEqual(hash, latestHash)) {
    log.warn('the metadata of the archive has another hash for its latest block', {
      height: latest,
      hash: toHex(hash),
      archiveHash: toHex(latestHash),
    });
  }
}
