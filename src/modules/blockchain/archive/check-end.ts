import { bytesEqual, toHex } from '../../../common/bytes.js';
import type { Logger } from '../../../common/logger.port.js';
import { encodeHeader } from '../codec/header.codec.js';
import { keccak256 } from '../crypto/keccak.js';
import type { Chain } from '../ports/chain.port.js';
import type { BlockRef } from '../ports/types.js';
import { archiveFault } from './archive-fault.js';
import type { OpenArchive } from './open-archive.js';

/** Metadata that its blocks do not bear out. */
export interface WrongMetadata {
  /** The last block by the metadata. */
  readonly claimed: BlockRef;
  /** The last block that there is. */
  readonly found: BlockRef;
}

/**
 * Compares the last block of an archive, by now on the chain, with what the archive says of itself. The Go client writes
 * wrong metadata for some ranges, so that it is reported and no fault; blocks that are missing are.
 * @param last Height of the last block; undefined when there was none.
 * @throws {BlockchainError} BLOCKCHAIN.ARCHIVE_INVALID when the archive ends before the block that it names
 */
export async function checkEnd(
  { bytes, metadata }: OpenArchive,
  last: number | undefined,
  chain: Chain,
  log: Logger,
): Promise<WrongMetadata | undefined> {
  if (last === undefined) throw archiveFault(bytes, 'there are no blocks');
  if (metadata === undefined) return undefined;
  const { latest, latestHash } = metadata;
  if (last < latest) throw archiveFault(bytes, `the last block is ${last}, the metadata names ${latest}`);
  const hashes = await latestHashes(chain, last);
  const [hash] = hashes;
  if (hash === undefined) return undefined;
  if (last === latest && hashes.some((known) => bytesEqual(known, latestHash))) return undefined;
  log.warn('the metadata of the archive names another block than its last one', {
    height: last,
    hash: toHex(hash),
    metadataHeight: latest,
    metadataHash: toHex(latestHash),
  });
  return { claimed: { number: latest, hash: latestHash }, found: { number: last, hash } };
}

/**
 * The hashes by which metadata may name a block, the true one first; none when the chain does not have it. The Go
 * client's `backup` with an end does not know the chain's engine and writes the plain hash of the header.
 * @see polygon-edge@597a0f3 archive/backup.go determineTo
 */
export async function latestHashes(chain: Chain, number: number): Promise<readonly Uint8Array[]> {
  const hash = await chain.hashByNumber(number);
  const header = await chain.header(number);
  return [...(hash ? [hash] : []), ...(header ? [keccak256(encodeHeader(header))] : [])];
}
