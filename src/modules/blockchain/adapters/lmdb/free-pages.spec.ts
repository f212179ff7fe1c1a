import { describe, expect, it } from '@jest/globals';
import { LmdbFileFault } from '../../../../common/lmdb-file.js';
import { checkFreePages } from './free-pages.js';

/** A record of the list: how many entries it says it has, and these. */
function list(count: number, ...entries: readonly number[]): Buffer {
  const record = Buffer.alloc(8 * (1 + entries.length));
  for (const [index, entry] of [count, ...entries].entries())
    record.writeBigInt64LE(BigInt(entry), 8 * index);
  return record;
}

const isFiveInUse = { isInUse: (page: number) => page === 5 };
const check = (record: Buffer) => checkFreePages([record], 20, isFiveInUse);

describe('checkFreePages', () => {
  it.each([
    { name: 'nothing', record: list(0) },
    { name: 'single pages', record: list(3, 9, 4, 2) },
    { name: 'runs, and room between them', record: list(6, -3, 6, 0, 20, -2, 2) },
    { name: 'what stands behind its end', record: list(1, 7, 5) },
  ])('takes a list of $name', ({ record }) => expect(() => check(record)).not.toThrow());

  it.each([
    { name: 'a page in use', record: list(1, 5) },
    { name: 'a run over a page in use', record: list(2, -3, 4) },
    { name: 'a page outside of the file', record: list(1, 21) },
    { name: 'a run that leaves the file', record: list(2, -5, 18) },
    { name: 'a first page', record: list(1, 1) },
    { name: 'a run without a page', record: list(1, -5) },
    { name: 'fewer entries than it says', record: list(4, 6, 7) },
    { name: 'no count', record: Buffer.alloc(4) },
    { name: 'a count of everything', record: list(-1, 6) },
  ])('refuses a list of $name', ({ record }) => expect(() => check(record)).toThrow(LmdbFileFault));
});
