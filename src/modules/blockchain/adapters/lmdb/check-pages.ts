import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  LmdbFileFault,
  type LmdbMeta,
  newestMeta,
  readTree,
  TREE_BYTES,
} from '../../../../common/lmdb-file.js';
import { checkFreePages } from './free-pages.js';
import { FREE_TREE, PageWalk, type VisitEntry } from './page-walk.js';

/**
 * Pages looked at when a store is opened, some 0.3 s: all of a file of 256 MiB. Of a larger one all branch pages are looked
 * at, and leaf pages, those of the newest records first, until there were as many.
 */
const MAX_PAGES = 65_536;

export interface CheckedPages {
  readonly pages: number;
  /** Whether every page in use was looked at. */
  readonly isAll: boolean;
}

/**
 * Sees whether LMDB can follow its pages from one to the next: it does so without a look, and a damaged page would end the
 * process, hide records, or let others be written over. Nothing is changed.
 * @param visitorOf What is called for a table's records on the leaf pages looked at.
 * @throws {LmdbFileFault} that names the page; errors of the file system as they are
 */
export async function checkPages(
  folder: string,
  visitorOf: (table: string) => VisitEntry | undefined,
  maxPages: number = MAX_PAGES,
): Promise<CheckedPages> {
  const file = await open(join(folder, 'data.mdb'), 'r');
  try {
    const meta = await newestMeta(file);
    try {
      return await walkAll(file, meta, visitorOf, maxPages);
    } catch (error) {
      // Another process writes to it, which LMDB will tell: pages change only behind the newest transaction but one.
      const isWrittenTo = (await newestMeta(file)).transaction !== meta.transaction;
      if (error instanceof LmdbFileFault && isWrittenTo) return { pages: 0, isAll: false };
      throw error;
    }
  } finally {
    await file.close();
  }
}

async function walkAll(
  file: FileHandle,
  meta: LmdbMeta,
  visitorOf: (table: string) => VisitEntry | undefined,
  maxPages: number,
): Promise<CheckedPages> {
  const walk = new PageWalk(file, meta, maxPages);
  const freeLists: Buffer[] = [];
  const tables: { name: string; record: Buffer }[] = [];
  await walk.tree(FREE_TREE, meta.freeTree, ({ value }) => freeLists.push(Buffer.from(value())));
  await walk.tree('main', meta.mainTree, ({ key, isTree, value }) => {
    // The binding ends names with a zero.
    if (isTree) tables.push({ name: key.toString().replace(/\0$/, ''), record: Buffer.from(value()) });
  });
  for (const { name, record } of tables) {
    if (record.length !== TREE_BYTES) throw new LmdbFileFault(`the record of its table ${name} is damaged`);
    await walk.tree(name, readTree(record), visitorOf(name));
  }
  checkFreePages(freeLists, meta.lastPage, walk);
  const { pages, isAll } = walk;
  return { pages, isAll };
}
