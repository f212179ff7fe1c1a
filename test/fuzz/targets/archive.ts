import { concatBytes } from '../../../src/common/bytes.js';
import { archiveMetadata } from '../../../src/modules/blockchain/archive/archive-metadata.js';
import {
  encodeArchiveHeader,
  encodeChunkHead,
  encodeTrailer,
} from '../../../src/modules/blockchain/archive/chunk-layout.js';
import { readArchive } from '../../../src/modules/blockchain/archive/read-archive.js';
import { readChunkedArchive } from '../../../src/modules/blockchain/archive/read-chunked-archive.js';
import { BlockchainError } from '../../../src/modules/blockchain/index.js';
import { withDigests } from '../../support/archives.js';
import { NETWORKS, readBackup } from '../../support/fixtures.js';
import { expectSame, type FuzzTarget, type Target } from '../target.js';

const PIECE_BYTES = 2_000;
const OPTIONS = { maxItemBytes: 1_024 * 1_024 };
const hash = new Uint8Array(32);

const run: Target = async (bytes) => {
  await unlessRefused(() => readEdge(bytes));
  await unlessRefused(() => readOurs(bytes));
  // Hardly any change gets past the digests, so that what is behind them is tried with right ones.
  await unlessRefused(() => readOurs(withDigests(bytes)));
};

async function unlessRefused(read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof BlockchainError)) throw error;
  }
}

async function readEdge(bytes: Uint8Array): Promise<void> {
  const { metadata, blocks } = await readArchive(inPieces(bytes), OPTIONS);
  const parts = [archiveMetadata(metadata)];
  for await (const block of blocks) parts.push(block);
  expectSame(concatBytes(parts), bytes);
}

async function readOurs(bytes: Uint8Array): Promise<void> {
  const { header, chunks } = await readChunkedArchive(inPieces(bytes), OPTIONS);
  const parts = [encodeArchiveHeader(header)];
  for (;;) {
    const { done, value } = await chunks.next();
    if (done) return expectSame(withDigests(concatBytes([...parts, encodeTrailer(value, hash)])), bytes);
    parts.push(chunkOf(value.from, value.blocks));
  }
}

/** A chunk whose digest is to be filled in. */
function chunkOf(from: number, blocks: readonly Uint8Array[]): Uint8Array {
  const payload = concatBytes(blocks);
  return concatBytes([
    encodeChunkHead({ from, count: blocks.length, length: payload.length }),
    payload,
    hash,
  ]);
}

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

function seeds(): Uint8Array[] {
  return NETWORKS.flatMap((network) => {
    const blocks = readBackup(network).blocks.slice(0, 4);
    const ours = [
      encodeArchiveHeader({ chainId: 9, genesisHash: hash, from: 0 }),
      chunkOf(0, blocks.slice(0, 3)),
      chunkOf(3, blocks.slice(3)),
      encodeTrailer({ latest: 3, latestHash: hash }, hash),
    ];
    return [
      concatBytes([archiveMetadata({ latest: 3, latestHash: hash }), ...blocks]),
      withDigests(concatBytes(ours)),
    ];
  });
}

export const archive: FuzzTarget = { run, seeds: seeds() };
