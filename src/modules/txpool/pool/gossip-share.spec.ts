import { describe, expect, it } from '@jest/globals';
import { admitted, type EntryDraft, poolLimits } from '../../../../test/support/pool-entries.js';
import { GossipShare } from './gossip-share.js';
import { PoolBook } from './pool-book.js';

/** So many of this size, of two neighbours, that pay little. */
const sized = (count: number, bytes: number): EntryDraft[] =>
  Array.from({ length: count }, (_, n) => ({
    from: n % 2 === 0 ? 'n' : 'm',
    hash: `s${n}`,
    sender: `s${n}`,
    price: 1n,
    bytes,
  }));

describe(GossipShare.name, () => {
  /** Small ones of a neighbour, each of another sender, named and priced like this. */
  const brought = (from: string, prices: Record<string, bigint>): EntryDraft[] =>
    Object.entries(prices).map(([hash, price]) => ({ from, hash, sender: hash, price }));
  const eight = [
    ...brought('n', { n1: 5n, n2: 3n, n3: 4n, n4: 9n }),
    ...brought('m', { m1: 2n, m2: 7n, m3: 2n, m4: 8n }),
  ];

  describe.each<{
    name: string;
    limits?: typeof poolLimits;
    before?: EntryDraft[];
    given: EntryDraft;
    expect: string;
  }>([
    { name: 'one that pays more than the cheapest', given: { from: 'k', price: 3n }, expect: 'm1' },
    { name: 'one that pays as much', given: { from: 'k', price: 2n }, expect: 'FULL' },
    {
      name: 'a large one, in place of several',
      given: { from: 'k', price: 9n, bytes: 32_769 },
      expect: 'm1 m3',
    },
    { name: 'one that pays more than some', given: { from: 'k', price: 3n, bytes: 65_537 }, expect: 'FULL' },
    { name: 'one of a neighbour with all it may', given: { from: 'n', price: 4n }, expect: 'n2' },
    { name: 'one of it that pays no more than its own', given: { from: 'n', price: 3n }, expect: 'FULL' },
    {
      name: 'one of it while there is room for others',
      before: eight.slice(0, 4),
      given: { from: 'n', price: 3n },
      expect: 'FULL',
    },
    { name: 'one of an operator', given: { source: 'operator', price: 1n }, expect: 'taken' },
    {
      name: 'one where only operators and JSON-RPC pay less',
      before: [...eight.slice(0, 4), ...[0n, 1n, 2n, 3n].map((n) => ({ price: 1n, sender: `own ${n}` }))],
      given: { from: 'k', price: 3n },
      expect: 'FULL',
    },
    {
      name: 'a replacement, in place of that alone',
      given: { from: 'k', sender: 'n1', price: 6n },
      expect: 'n1',
    },
    {
      name: 'a large replacement, in place of others too',
      given: { from: 'k', sender: 'n1', price: 6n, bytes: 65_537 },
      expect: 'n1 m1 m3',
    },
    {
      name: 'a large one in place of sixteen',
      limits: { maxSlots: 1_000, maxBytes: 163_840, maxPerSender: 1 },
      before: sized(16, 8_000),
      given: { from: 'k', price: 9n, bytes: 131_072 },
      expect: sized(16, 8_000)
        .map(({ hash }) => hash)
        .join(' '),
    },
    {
      name: 'a large one in place of more than that',
      limits: { maxSlots: 1_000, maxBytes: 163_840, maxPerSender: 1 },
      before: sized(20, 6_400),
      given: { from: 'k', price: 9n, bytes: 131_072 },
      expect: 'FULL',
    },
  ])(
    'when peers fill their share',
    ({ name, limits: ours = poolLimits, before = eight, given, expect: result }) => {
      it(`${name}: ${result}`, () => {
        const book = new PoolBook(ours);
        for (const draft of before) expect(admitted(book, draft)).toBe('taken');
        const size = book.size;
        expect(admitted(book, { hash: 'new', sender: 'new', ...given })).toBe(result);
        const gone = result === 'taken' || result === 'FULL' ? [] : result.split(' ');
        for (const hash of gone) expect(book.get(hash)).toBeUndefined();
        expect(book.size).toBe(result === 'FULL' ? size : size + 1 - gone.length);
      });
    },
  );
});
