import { encodeBytes, encodeList, RlpError, RlpReader } from '../../../src/modules/blockchain/rlp/rlp.js';
import { recordedBlocks } from '../seeds.js';
import { expectSame, type FuzzTarget, type Target } from '../target.js';

/** The reader descends only where its caller does, and no codec goes deeper. */
const MAX_DEPTH = 16;

const run: Target = (bytes) => {
  const reader = new RlpReader(bytes);
  try {
    const written = itemOf(reader, 0);
    reader.expectEnd('item');
    if (written !== undefined) expectSame(written, bytes);
  } catch (error) {
    if (!(error instanceof RlpError)) throw error;
  }
};

/** Reads an item with all that is in it and encodes it again; undefined when it is too deep. */
function itemOf(reader: RlpReader, depth: number): Uint8Array | undefined {
  if (!reader.nextIsList) return encodeBytes(reader.readBytes());
  if (depth === MAX_DEPTH) {
    reader.readRaw();
    return undefined;
  }
  const items = reader.readList();
  const parts: Uint8Array[] = [];
  let isWhole = true;
  while (!items.isAtEnd) {
    const part = itemOf(items, depth + 1);
    isWhole &&= part !== undefined;
    if (part !== undefined) parts.push(part);
  }
  return isWhole ? encodeList(parts) : undefined;
}

export const rlp: FuzzTarget = { run, seeds: recordedBlocks() };
