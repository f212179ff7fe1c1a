import type { FileHandle } from 'node:fs/promises';
import { bytesEqual, concatBytes, toHex } from '../../../common/bytes.js';
import type { ArchiveDraft } from './archive-draft.js';
import { archiveFault } from './archive-fault.js';
import { fileFault } from './archive-file.js';
import { BlockSequence } from './block-sequence.js';
import {
  type ArchiveHeader,
  DIGEST_BYTES,
  encodeArchiveHeader,
  encodeChunkHead,
  encodeTrailer,
  MAX_CHUNK_BLOCKS,
  MAX_CHUNK_BYTES,
  sha256,
} from './chunk-layout.js';

/** Written bytes after which the file is brought to the disk: a crash costs no more. */
const SYNC_BYTES = 16 * 1_024 * 1_024;

/**
 * Writes an archive of our own format (docs/archive.md). Where chunks end follows from the blocks alone: an archive that
 * was interrupted and resumed has the bytes of one that was not. What a draft holds is not touched before there is more to
 * write. The file stays its owner's to close; unfinished, it can be resumed.
 */
export class ArchiveWriter {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #header: Uint8Array;
  readonly #sequence: BlockSequence;
  /** What the file keeps of its bytes; undefined once the others are cut off. */
  #keptBytes: number | undefined;
  #digest: Uint8Array;
  /** Blocks of the chunk that is not full yet. */
  #chunk: Uint8Array[];
  /** Height of the first of them. */
  #chunkFrom: number;
  #chunkBytes: number;
  #unsyncedBytes = 0;
  #isFinished: boolean;
  #heldUpTo: number | undefined;

  /**
   * Begins a new archive, or goes on with what the draft holds.
   * @throws {BlockchainError} BLOCKCHAIN.ARCHIVE_INVALID when that is of another chain or begins elsewhere
   */
  constructor({ file, path, found }: ArchiveDraft, header: ArchiveHeader) {
    if (found !== undefined) checkHeader(found.header, header);
    const open = found?.open ?? [];
    this.#file = file;
    this.#path = path;
    this.#header = encodeArchiveHeader(header);
    this.#keptBytes = found?.keptBytes ?? 0;
    this.#digest = found?.digest ?? this.#header.subarray(-DIGEST_BYTES);
    this.#chunk = [...open];
    this.#chunkFrom = found?.next ?? header.from;
    this.#chunkBytes = open.reduce((bytes, { length }) => bytes + length, 0);
    this.#sequence = new BlockSequence(this.#chunkFrom + open.length);
    this.#isFinished = found?.isFinished ?? false;
    this.#heldUpTo = found?.lastBlock && this.next - 1;
  }

  /** The height that is due. */
  get next(): number {
    return this.#chunkFrom + this.#chunk.length;
  }

  /** Height up to which the file holds blocks, wherever it ends now; undefined while it holds none. */
  get heldUpTo(): number | undefined {
    return this.#heldUpTo;
  }

  /**
   * Adds consecutive blocks, each belonging to the writer from then on. Whole chunks are written, and the disk has all but
   * the last 16 MiB of them.
   * @throws {BlockchainError} BLOCKCHAIN.BAD_SEQUENCE | BLOCKCHAIN.UNDECODABLE for a block that is not the one due,
   * BLOCKCHAIN.ARCHIVE_INVALID when the file cannot be written
   */
  async append(blocks: readonly Uint8Array[]): Promise<void> {
    for (const block of blocks) {
      this.#sequence.take(block);
      if (this.#chunk.length > 0 && this.#chunkBytes + block.length > MAX_CHUNK_BYTES)
        await this.#writeChunk();
      this.#isFinished = false;
      this.#chunk.push(block);
      this.#chunkBytes += block.length;
      if (this.#chunk.length === MAX_CHUNK_BLOCKS) await this.#writeChunk();
    }
  }

  /**
   * Writes what is left and the trailer. Resolves when the disk has it all.
   * @param latestHash Hash of the last block.
   * @throws {BlockchainError} BLOCKCHAIN.ARCHIVE_INVALID when the file cannot be written
   */
  async finish(latestHash: Uint8Array): Promise<void> {
    if (this.#isFinished) return;
    const latest = this.next - 1;
    if (this.#chunk.length > 0) await this.#writeChunk();
    await this.#write(encodeTrailer({ latest, latestHash }, this.#digest), { sync: true });
    this.#isFinished = true;
  }

  async #writeChunk(): Promise<void> {
    const payload = concatBytes(this.#chunk);
    const count = this.#chunk.length;
    const head = encodeChunkHead({ from: this.#chunkFrom, count, length: payload.length });
    this.#digest = sha256(this.#digest, head, payload);
    const sync = this.#unsyncedBytes >= SYNC_BYTES;
    await this.#write(concatBytes([head, payload, this.#digest]), { sync });
    this.#chunkFrom += count;
    this.#chunk = [];
    this.#chunkBytes = 0;
    this.#heldUpTo = this.#chunkFrom - 1;
  }

  async #write(bytes: Uint8Array, { sync }: { sync: boolean }): Promise<void> {
    try {
      if (this.#keptBytes !== undefined) {
        await this.#file.truncate(this.#keptBytes);
        if (this.#keptBytes === 0) await this.#file.writeFile(this.#header);
        this.#keptBytes = undefined;
      }
      await this.#file.writeFile(bytes);
      if (sync) await this.#file.datasync();
      this.#unsyncedBytes = sync ? 0 : this.#unsyncedBytes + bytes.length;
    } catch (cause) {
      throw fileFault('write', this.#path, cause);
    }
  }
}

function checkHeader(found: ArchiveHeader, { chainId, genesisHash, from }: ArchiveHeader): void {
  if (found.chainId !== chainId || !bytesEqual(found.genesisHash, genesisHash)) {
    const { chainId: theirs, genesisHash: genesis } = found;
    throw archiveFault(0, `it is of another chain (ID ${theirs}, genesis ${toHex(genesis)})`);
  }
  if (found.from !== from) throw archiveFault(0, `it begins at block ${found.from}, not at ${from}`);
}
