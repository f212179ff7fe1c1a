import { bytesEqual, toHex } from '../../../common/bytes.js';
import type { Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { BlockchainError } from '../blockchain.errors.js';
import type { Chain, ChainWriter } from '../ports/chain.port.js';
import type { ChainHead } from '../ports/types.js';
import { BlockSequence } from './block-sequence.js';
import { checkEnd, latestHashes, type WrongMetadata } from './check-end.js';
import type { ArchiveHeader } from './chunk-layout.js';
import { inBatches } from './in-batches.js';
import { InsertWindow } from './insert-window.js';
import { type OpenArchive, openArchive } from './open-archive.js';
import { RestoreProgress } from './restore-progress.js';

const BATCH = { maxBlocks: 128, maxBytes: 16 * 1_024 * 1_024 };

export interface RestoreOptions {
  readonly path: string;
  readonly writer: ChainWriter;
  readonly chain: Chain;
  readonly log: Logger;
  readonly clock: Clock;
  /** Ends the restore after the batches under way. */
  readonly signal: AbortSignal;
}

export interface Restored {
  /** Blocks that were stored; those already known do not count. */
  readonly restored: number;
  readonly head: ChainHead | undefined;
  /** Set when the archive names another block as its last than it has. */
  readonly wrongMetadata?: WrongMetadata;
}

/**
 * Reads an archive of either format and stores its blocks, each verified like one from a peer; where the kind of the
 * validators changes is for verification to know. An archive that begins above block 0 continues a chain that has the
 * block before. Blocks before a bad one, and before the place where the file is cut off or damaged, stay.
 * @throws {BlockchainError} BLOCKCHAIN.ARCHIVE_INVALID for what is no archive or not all of one,
 * BLOCKCHAIN.GENESIS_MISMATCH for one of another chain, BLOCKCHAIN.STORE_GAP for one that begins above the block that is
 * due, BLOCKCHAIN.CANCELLED when the signal aborts before its end, or what ChainWriter.insert throws, with the number of
 * the bad block; the first failure in the order of the file
 * @see polygon-edge@597a0f3 archive/restore.go RestoreChain
 * @remarks Differs: Go stores what there is of a cut-off archive and says nothing; wrong metadata is logged.
 */
export async function restoreArchive(options: RestoreOptions): Promise<Restored> {
  const { path, chain, log } = options;
  const archive = await openArchive(path);
  try {
    if (archive.header !== undefined) checkChain(archive.header, chain);
    if (await holdsEnd(archive, chain)) {
      log.info('nothing to restore: the chain holds the latest block of the archive', { path });
      return { restored: 0, head: chain.head() };
    }
    return await insertAll(archive, options);
  } catch (cause) {
    throw withWhatIsKept(cause, options);
  } finally {
    await archive.close();
  }
}

async function insertAll(archive: OpenArchive, options: RestoreOptions): Promise<Restored> {
  const { writer, chain, log, signal } = options;
  const progress = new RestoreProgress(options, archive.metadata?.latest);
  const window = new InsertWindow(writer, (result) => progress.inserted(result));
  const sequence = new BlockSequence(archive.header?.from);
  try {
    for await (const batch of inBatches(inSequence(archive, sequence, chain), BATCH)) {
      if (signal.aborted) {
        await window.settle();
        throw interrupted(chain);
      }
      await window.insert(batch);
    }
  } finally {
    // These come before whatever ended the loop, and so does what they fail with.
    await window.settle();
  }
  const wrongMetadata = await checkEnd(archive, sequence.last, chain, log);
  return { restored: progress.restored, head: chain.head(), ...(wrongMetadata && { wrongMetadata }) };
}

/** The blocks, as long as each follows the one before and the first continues the chain or is known to it. */
async function* inSequence(
  { blocks }: OpenArchive,
  sequence: BlockSequence,
  chain: Chain,
): AsyncGenerator<Uint8Array> {
  let first = true;
  for await (const raw of blocks) {
    const number = sequence.take(raw);
    const expected = (chain.head()?.number ?? -1) + 1;
    if (first && number > expected) {
      throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_GAP', number, expected });
    }
    first = false;
    yield raw;
  }
}

function checkChain({ chainId, genesisHash }: ArchiveHeader, chain: Chain): void {
  const ours = chain.info();
  if (chainId !== ours.chainId) {
    const reason = `the archive is of chain ${chainId}, ours is ${ours.chainId}`;
    throw new BlockchainError({ code: 'BLOCKCHAIN.GENESIS_MISMATCH', reason });
  }
  // A chain that waits for its genesis takes it from the archive, as from a peer.
  if (ours.genesisHash !== undefined && !bytesEqual(ours.genesisHash, genesisHash)) {
    const reason = `the archive's genesis is ${toHex(genesisHash)}, ours is ${toHex(ours.genesisHash)}`;
    throw new BlockchainError({ code: 'BLOCKCHAIN.GENESIS_MISMATCH', reason });
  }
}

/** Whether there is nothing in the archive that the chain does not hold, as far as metadata tells. */
async function holdsEnd({ metadata }: OpenArchive, chain: Chain): Promise<boolean> {
  // The Go client's `backup --to 0` writes the whole chain under the name of block 0.
  if (metadata === undefined || metadata.latest === 0) return false;
  const hashes = await latestHashes(chain, metadata.latest);
  return hashes.some((hash) => bytesEqual(hash, metadata.latestHash));
}

function interrupted(chain: Chain): BlockchainError {
  const at = chain.head()?.number;
  const reason = `restore interrupted ${at === undefined ? 'before its first block' : `at block ${at}`}`;
  return new BlockchainError({ code: 'BLOCKCHAIN.CANCELLED', reason });
}

function withWhatIsKept(cause: unknown, { chain, log }: RestoreOptions): unknown {
  const keptUpTo = chain.head()?.number;
  if (!(cause instanceof BlockchainError) || cause.code === 'BLOCKCHAIN.CANCELLED') return cause;
  const { detail } = cause;
  log.error('restore stopped', {
    code: detail.code,
    ...('number' in detail && { height: detail.number }),
    keptUpTo,
  });
  return detail.code === 'BLOCKCHAIN.ARCHIVE_INVALID' && keptUpTo !== undefined
    ? new BlockchainError({ ...detail, keptUpTo }, cause)
    : cause;
}
