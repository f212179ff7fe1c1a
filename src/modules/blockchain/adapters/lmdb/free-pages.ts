import { LmdbFileFault } from '../../../../common/lmdb-file.js';

const ENTRY_BYTES = 8;

/**
 * Sees whether LMDB's list of free pages has none that is in use: it would be written over.
 * @param lists The records of the list. Each is a count and as many entries: a page; 0; or less than 0, which says of how
 * many pages the next entry is the first.
 * @throws {LmdbFileFault}
 */
export function checkFreePages(
  lists: readonly Buffer[],
  lastPage: number,
  use: { isInUse(page: number): boolean },
): void {
  for (const list of lists) {
    for (const { first, count } of runsOf(list)) {
      if (first < 2 || first + count - 1 > lastPage) throw damaged();
      for (let page = first; page < first + count; page++) if (use.isInUse(page)) throw damaged();
    }
  }
}

function* runsOf(list: Buffer): Generator<{ first: number; count: number }> {
  if (list.length < ENTRY_BYTES) throw damaged();
  const end = ENTRY_BYTES * (1 + Number(list.readBigUInt64LE(0)));
  if (end > list.length) throw damaged();
  for (let at = ENTRY_BYTES; at < end; at += ENTRY_BYTES) {
    const entry = Number(list.readBigInt64LE(at));
    if (entry > 0) yield { first: entry, count: 1 };
    if (entry >= 0) continue;
    at += ENTRY_BYTES;
    if (at >= end) throw damaged();
    yield { first: Number(list.readBigInt64LE(at)), count: -entry };
  }
}

const damaged = () => new LmdbFileFault('the list of free pages of its file is damaged');
