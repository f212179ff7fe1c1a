import { concatBytes } from '../../../common/bytes.js';
import { declaredLength, readRlp } from '../rlp/rlp.js';
import { archiveFault } from './archive-fault.js';
import { type ArchiveMetadata, readMetadata } from './archive-metadata.js';

const FIRST_LIST_PREFIX = 0xc0;

export interface ReadArchiveOptions {
  /** A longer item is refused before its bytes are taken. */
  readonly maxItemBytes: number;
}

export interface Archive {
  readonly metadata: ArchiveMetadata;
  /**
   * RLP of each block, in the order of the file and not looked into; each belongs to the caller. Fails with
   * BLOCKCHAIN.ARCHIVE_INVALID where the bytes stop being RLP lists or end inside of one.
   */
  readonly blocks: AsyncGenerator<Uint8Array, void, undefined>;
}

interface Item {
  readonly bytes: Uint8Array;
  /** Where the item begins, bytes from the start of the archive. */
  readonly offset: number;
}

/**
 * Reads an archive of the Go client as it streams in. Holds two items of `maxItemBytes` and two chunks at most.
 * @throws {BlockchainError} BLOCKCHAIN.ARCHIVE_INVALID when it does not begin with metadata
 * @see polygon-edge@597a0f3 archive/restore.go blockStream
 * @remarks Differs: Go takes what is left of a cut-off item from its buffer, and items of any size.
 */
export async function readArchive(
  source: AsyncIterable<Uint8Array>,
  { maxItemBytes }: ReadArchiveOptions,
): Promise<Archive> {
  const items = readLists(source, maxItemBytes);
  const first = await items.next();
  if (first.done) throw archiveFault(0, "expected metadata in archive but doesn't exist");
  const { bytes, offset } = first.value;
  return { metadata: parsed(offset, () => readMetadata(bytes)), blocks: bytesOf(items) };
}

async function* bytesOf(items: AsyncGenerator<Item, void, undefined>): Archive['blocks'] {
  for await (const { bytes } of items) yield bytes;
}

async function* readLists(
  source: AsyncIterable<Uint8Array>,
  maxItemBytes: number,
): AsyncGenerator<Item, void, undefined> {
  // Where `waiting` begins in the archive. Chunks are joined only once an item can be complete.
  let offset = 0;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let neededBytes = 1;
  for await (const chunk of source) {
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes < neededBytes) continue;
    const bytes = concatBytes(waiting);
    waiting = [];
    let at = 0;
    for (;;) {
      const length = listLength(bytes, at, offset + at, maxItemBytes);
      neededBytes = length ?? bytes.length - at + 1;
      if (length === undefined || at + length > bytes.length) break;
      yield { bytes: bytes.slice(at, at + length), offset: offset + at };
      at += length;
    }
    offset += at;
    waiting = [bytes.subarray(at)];
    waitingBytes = bytes.length - at;
  }
  if (waitingBytes > 0) throw archiveFault(offset, `the file ends ${waitingBytes} bytes into an item`);
}

/** Undefined while the prefix is not all there. */
function listLength(bytes: Uint8Array, at: number, offset: number, maxItemBytes: number): number | undefined {
  const prefix = bytes[at];
  if (prefix !== undefined && prefix < FIRST_LIST_PREFIX)
    throw archiveFault(offset, 'expected array but got bytes');
  const length = parsed(offset, () => declaredLength(bytes, at));
  if (length !== undefined && length > maxItemBytes) {
    throw archiveFault(offset, `an item of ${length} bytes, more than ${maxItemBytes}`);
  }
  return length;
}

function parsed<T>(offset: number, parse: () => T): T {
  return readRlp(parse, (cause) => archiveFault(offset, cause.message, cause));
}
