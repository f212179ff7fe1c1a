import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';

// Byte offsets in a meta page of LMDB, everything little endian on the machines Node runs on.
const META_BYTES = 160;
const FLAGS_AT = 18;
const MAGIC_AT = 24;
const PAGE_SIZE_AT = 48;
const FREE_TREE_AT = 48;
const MAIN_TREE_AT = 96;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;

const META_FLAG = 0x08;
const MAGIC = 0xbeefc0de;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;
const MIN_PAGE_BYTES = 512;
const MAX_PAGE_BYTES = 65_536;
/**
 * LMDB does not write pages that a transaction took and gave back, so that a sound file may end some pages before its
 * last one: up to 10 were seen, in 1 of 100 commits with rewinds among them.
 */
const MAX_UNWRITTEN_PAGES = 32;

/** A tree of pages, as its environment knows it. @see LMDB mdb.c MDB_db */
export interface LmdbTree {
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly entries: number;
  /** Undefined when it is empty. */
  readonly root: number | undefined;
}

/** What the first pages of a file say of the rest. @see LMDB mdb.c MDB_meta */
export interface LmdbMeta {
  readonly pageBytes: number;
  readonly lastPage: number;
  readonly transaction: bigint;
  /** Pages that may be written to. */
  readonly freeTree: LmdbTree;
  /** The databases by name. */
  readonly mainTree: LmdbTree;
}

/** An environment's file is such that LMDB must not open it. */
export class LmdbFileFault extends Error {}

/**
 * Makes the folder, and sees to it that LMDB can open what is in it: LMDB trusts its file, so that a damaged first page
 * or a file cut short ends the whole process. A file that is cut short is refused as it is. Where only so much is
 * missing as may be in a sound file, it is filled up with zeros, which read as damaged records if they are read at all.
 * @returns How many bytes the file has; 0 when it is new.
 * @throws {LmdbFileFault} and errors of the file system as they are
 */
export async function prepareLmdbFile(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'data.mdb');
  // Made here if need be, as LMDB makes it: readable and writable for its owner.
  const file = await open(path, 'a+', 0o600);
  try {
    const { size } = await file.stat();
    if (size === 0) return 0;
    const { lastPage, pageBytes } = await newestMeta(file);
    const bytes = (lastPage + 1) * pageBytes;
    if (size >= bytes) return size;
    if (size < bytes - MAX_UNWRITTEN_PAGES * pageBytes || size < bytes / 2) {
      throw new LmdbFileFault(`${path} is cut short: it has ${size} of ${bytes} bytes`);
    }
    await file.truncate(bytes);
    return bytes;
  } finally {
    await file.close();
  }
}

/**
 * What LMDB goes by when it opens the file.
 * @throws {LmdbFileFault} and errors of the file system as they are
 */
export async function newestMeta(file: FileHandle): Promise<LmdbMeta> {
  const first = await readMeta(file, 0);
  const second = await readMeta(file, first.pageBytes);
  const newest = first.transaction > second.transaction ? first : second;
  const older = newest === first ? second : first;
  // Each transaction writes the page that the one before did not.
  if (newest.transaction - older.transaction > 1n || first.pageBytes !== second.pageBytes) {
    throw new LmdbFileFault('the first pages of its file contradict each other');
  }
  const { lastPage, freeTree, mainTree, pageBytes } = newest;
  const rootIsOutside = [freeTree, mainTree].some(({ root }) => root !== undefined && root > lastPage);
  if (rootIsOutside || !Number.isSafeInteger((lastPage + 1) * pageBytes)) {
    throw new LmdbFileFault('a first page of its file is damaged');
  }
  return newest;
}

async function readMeta(file: FileHandle, at: number): Promise<LmdbMeta> {
  const page = Buffer.alloc(META_BYTES);
  await file.read(page, 0, META_BYTES, at);
  const pageBytes = page.readUInt32LE(PAGE_SIZE_AT);
  const isPowerOfTwo = (pageBytes & (pageBytes - 1)) === 0;
  if (
    page.readUInt32LE(MAGIC_AT) !== MAGIC ||
    page.readUInt16LE(FLAGS_AT) !== META_FLAG ||
    pageBytes < MIN_PAGE_BYTES ||
    pageBytes > MAX_PAGE_BYTES ||
    !isPowerOfTwo
  ) {
    throw new LmdbFileFault('a first page of its file is damaged');
  }
  return {
    pageBytes,
    lastPage: Number(page.readBigUInt64LE(LAST_PAGE_AT)),
    transaction: page.readBigUInt64LE(TRANSACTION_AT),
    freeTree: readTree(page.subarray(FREE_TREE_AT)),
    mainTree: readTree(page.subarray(MAIN_TREE_AT)),
  };
}

/** Length of a tree's record. */
export const TREE_BYTES = 48;

/** The record of a tree: in a meta page, or in the main tree under a database's name. */
export function readTree(record: Buffer): LmdbTree {
  const root = record.readBigUInt64LE(40);
  return {
    depth: record.readUInt16LE(6),
    branchPages: Number(record.readBigUInt64LE(8)),
    leafPages: Number(record.readBigUInt64LE(16)),
    overflowPages: Number(record.readBigUInt64LE(24)),
    entries: Number(record.readBigUInt64LE(32)),
    root: root === NO_PAGE ? undefined : Number(root),
  };
}
