import type { Random } from '../../src/common/random.js';

const SECTOR_BYTES = 512;
const PAGE_BYTES = 4_096;

export interface Damage {
  readonly name: string;
  /** What becomes of a file's content, in place where it can. */
  readonly apply: (content: Buffer, random: Random) => Buffer;
}

const pageAt = (content: Buffer, random: Random) =>
  PAGE_BYTES * random.below(Math.max(Math.ceil(content.length / PAGE_BYTES), 1));

/** What disks, and machines that lose power, do to a file. */
export const DAMAGES: readonly Damage[] = [
  {
    name: 'flipped bit',
    apply: (content, random) => {
      const at = random.below(content.length);
      content[at] = (content[at] ?? 0) ^ (1 << random.below(8));
      return content;
    },
  },
  {
    name: 'flipped bit in a page header',
    apply: (content, random) => {
      const at = Math.min(pageAt(content, random) + random.below(64), content.length - 1);
      content[at] = (content[at] ?? 0) ^ (1 << random.below(8));
      return content;
    },
  },
  {
    name: 'torn page',
    apply: (content, random) => {
      const page = pageAt(content, random);
      const from = page + SECTOR_BYTES * (1 + random.below(PAGE_BYTES / SECTOR_BYTES - 1));
      // What the sectors held before: as good as any other page.
      const other = pageAt(content, random) + (from - page);
      content.copyWithin(from, other, Math.min(other + page + PAGE_BYTES - from, content.length));
      return content;
    },
  },
  {
    name: 'lost page',
    apply: (content, random) => {
      const page = pageAt(content, random);
      return content.fill(0, page, Math.min(page + PAGE_BYTES, content.length));
    },
  },
  {
    name: 'page of another place',
    apply: (content, random) => {
      const from = pageAt(content, random);
      content.copyWithin(pageAt(content, random), from, Math.min(from + PAGE_BYTES, content.length));
      return content;
    },
  },
  { name: 'cut short', apply: (content, random) => content.subarray(0, random.below(content.length)) },
];
