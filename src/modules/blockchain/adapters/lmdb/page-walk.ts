import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LmdbFileFault, type LmdbMeta, type LmdbTree } from '../../../../common/lmdb-file.js';
import {
  checkOverflow,
  OVERFLOW_HEADER_BYTES,
  type OverflowPages,
  overflowPagesOf,
  PageFault,
  TreePage,
} from './tree-page.js';

/** Pages read at once where they follow each other: 1 MiB of the usual 4 KiB. */
const MAX_RUN = 256;
const MAX_DEPTH = 32;
const FIRST_PAGE = 2;
/** Not the name of a table: those of LMDB's own tree. */
export const FREE_TREE = 'free pages';

/** An entry of a leaf page. What it gives holds until the visit ends. */
export interface Entry {
  readonly key: Buffer;
  /** Whether the value is the record of another tree. */
  readonly isTree: boolean;
  value(): Buffer;
}

export type VisitEntry = (entry: Entry) => void;

/** A page to look at, and what its keys must be between. */
interface Ahead {
  readonly number: number;
  readonly low: Buffer | undefined;
  readonly high: Buffer | undefined;
}

interface Tree {
  readonly name: string;
  readonly hasNumberKeys: boolean;
  readonly visit: VisitEntry | undefined;
  readonly seen: { branchPages: number; leafPages: number; overflowPages: number; entries: number };
}

/** Goes through trees of pages level by level, each level in the order of the file. */
export class PageWalk {
  /** Pages that were looked at. */
  pages = 0;
  /** Whether these were all that are in use. */
  isAll = true;
  private readonly used: Uint8Array;
  /** For the pages read at once. */
  private readonly room: Buffer;

  constructor(
    private readonly file: FileHandle,
    private readonly meta: LmdbMeta,
    private readonly maxPages: number,
  ) {
    this.room = Buffer.allocUnsafeSlow(MAX_RUN * meta.pageBytes);
    this.used = new Uint8Array(Math.ceil((meta.lastPage + 1) / 8));
  }

  /** Whether a page is known to be part of a tree. */
  isInUse(page: number): boolean {
    return ((this.used[page >>> 3] ?? 0) & (1 << (page & 7))) !== 0;
  }

  /** @throws {LmdbFileFault} */
  async tree(name: string, { root, depth, ...said }: LmdbTree, visit: VisitEntry | undefined): Promise<void> {
    if (depth > MAX_DEPTH || (root === undefined) !== (depth === 0)) throw damaged(name);
    const seen = { branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0 };
    const tree: Tree = { name, hasNumberKeys: name === FREE_TREE, visit, seen };
    let level: Ahead[] = root === undefined ? [] : [{ number: root, low: undefined, high: undefined }];
    for (const { number } of level) this.use(name, number, 1);
    for (let height = depth; height > 1; height--) {
      // In the order of the keys, whichever order they are read in.
      const children = new Map<Ahead, readonly Ahead[]>();
      await this.readLevel(tree, level, false, (page, ahead) => {
        children.set(ahead, this.branch(name, page, ahead));
      });
      seen.branchPages += level.length;
      level = level.flatMap((ahead) => children.get(ahead) ?? []);
    }
    seen.leafPages = level.length;
    // The newest records are the most likely ones to be torn.
    const looked = level.slice(Math.max(level.length - Math.max(this.maxPages - this.pages, 0), 0));
    await this.readLevel(tree, looked, true, (page) => this.leaf(tree, page));
    if (looked.length < level.length) this.isAll = false;
    const isSound =
      seen.branchPages === said.branchPages &&
      seen.leafPages === said.leafPages &&
      (looked.length < level.length ||
        (seen.overflowPages === said.overflowPages && seen.entries === said.entries));
    if (!isSound) throw damaged(name);
  }

  private async readLevel(
    { name, hasNumberKeys }: Tree,
    level: readonly Ahead[],
    isLeaf: boolean,
    look: (page: TreePage, ahead: Ahead) => void,
  ): Promise<void> {
    const { pageBytes, transaction, lastPage } = this.meta;
    const sorted = level.toSorted((one, other) => one.number - other.number);
    for (let from = 0; from < sorted.length; ) {
      const run = runFrom(sorted, from);
      const bytes = this.read(run[0]?.number ?? 0, run.length * pageBytes, this.room);
      for (const [index, ahead] of run.entries()) {
        const { number } = ahead;
        const content = bytes.subarray(index * pageBytes, (index + 1) * pageBytes);
        named(name, number, () => {
          const page = new TreePage(content, { number, isLeaf, transaction, lastPage, hasNumberKeys });
          assertBetween(page, ahead);
          look(page, ahead);
        });
      }
      this.pages += run.length;
      from += run.length;
      await nextTurn();
    }
  }

  private branch(name: string, page: TreePage, { low, high }: Ahead): readonly Ahead[] {
    // Copies, as the page is read over.
    const keys = Array.from({ length: page.count }, (_, index) =>
      index === 0 ? undefined : Buffer.from(page.key(index)),
    );
    return keys.map((key, index) => {
      const number = page.child(index);
      this.use(name, number, 1);
      return { number, low: key ?? low, high: keys[index + 1] ?? high };
    });
  }

  private leaf({ name, visit, seen }: Tree, page: TreePage): void {
    const { pageBytes } = this.meta;
    seen.entries += page.count;
    for (let index = 0; index < page.count; index++) {
      const bytes = page.valueBytes(index);
      const pages = page.overflow(index);
      if (pages !== undefined) {
        if (pages.count !== overflowPagesOf(bytes, pageBytes))
          throw new PageFault('a value is of another size');
        this.use(name, pages.first, pages.count);
        seen.overflowPages += pages.count;
        this.lookAtOverflow(name, pages);
      }
      visit?.({
        key: page.key(index),
        isTree: page.isTree(index),
        value: () =>
          page.value(index) ??
          this.read(pages?.first ?? 0, OVERFLOW_HEADER_BYTES + bytes).subarray(OVERFLOW_HEADER_BYTES),
      });
    }
  }

  private lookAtOverflow(name: string, pages: OverflowPages): void {
    if (this.pages >= this.maxPages) {
      this.isAll = false;
      return;
    }
    named(name, pages.first, () => checkOverflow(this.read(pages.first, OVERFLOW_HEADER_BYTES), pages));
    this.pages += 1;
  }

  private read(page: number, bytes: number, room: Buffer = Buffer.allocUnsafe(bytes)): Buffer {
    const count = readSync(this.file.fd, room, 0, bytes, page * this.meta.pageBytes);
    if (count < bytes) throw new LmdbFileFault(`page ${page} of its file is cut short`);
    return room;
  }

  /** @throws {LmdbFileFault} when one of the pages is outside of the file, or part of a tree already */
  private use(name: string, first: number, count: number): void {
    if (first < FIRST_PAGE || count < 1 || first + count - 1 > this.meta.lastPage) throw damaged(name);
    for (let page = first; page < first + count; page++) {
      if (this.isInUse(page)) throw new LmdbFileFault(`page ${page} of its file is in use twice`);
      this.used[page >>> 3] = (this.used[page >>> 3] ?? 0) | (1 << (page & 7));
    }
  }
}

/** Pages of a sorted level that follow each other. */
function runFrom(level: readonly Ahead[], from: number): readonly Ahead[] {
  let end = from + 1;
  while (end - from < MAX_RUN && level[end]?.number === (level[end - 1]?.number ?? 0) + 1) end += 1;
  return level.slice(from, end);
}

/** Of a branch page, the first key stands for all that is lower. */
function assertBetween(page: TreePage, { low, high }: Ahead): void {
  if (low !== undefined && page.compareKey(page.isLeaf ? 0 : 1, low) < 0) {
    throw new PageFault('its first key is too low');
  }
  if (high !== undefined && page.compareKey(page.count - 1, high) >= 0) {
    throw new PageFault('its last key is too high');
  }
}

function named(name: string, number: number, look: () => void): void {
  try {
    look();
  } catch (cause) {
    if (!(cause instanceof PageFault)) throw cause;
    throw new LmdbFileFault(`page ${number} of its file, of the table ${name}, is damaged: ${cause.message}`);
  }
}

const damaged = (name: string) => new LmdbFileFault(`the table ${name} of its file is damaged`);
