import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { admitted, anEntry, type EntryDraft, poolLimits } from '../../../../test/support/pool-entries.js';
import { PoolBook, type PoolEntry } from './pool-book.js';
import { roomOf } from './room.js';

describe(PoolBook.name, () => {
  it.each<{ name: string; before?: EntryDraft[]; given: EntryDraft; baseFee?: bigint; expect: string }>([
    { name: 'the first', given: {}, expect: 'taken' },
    { name: 'the same again', before: [{}], given: {}, expect: 'ALREADY_KNOWN' },
    { name: 'another nonce', before: [{}], given: { nonce: 1n }, expect: 'taken' },
    { name: 'the nonce of another sender', before: [{}], given: { sender: 'b' }, expect: 'taken' },
    { name: 'the same price', before: [{}], given: { hash: 'x' }, expect: 'REPLACEMENT_UNDERPRICED' },
    { name: 'a lower price', before: [{}], given: { price: 9n }, expect: 'REPLACEMENT_UNDERPRICED' },
    { name: 'a higher price', before: [{ hash: 'old' }], given: { price: 11n }, expect: 'old' },
    {
      name: 'a higher cap that pays the same now',
      before: [{ price: 20n, tip: 5n }],
      given: { price: 30n, tip: 5n },
      baseFee: 10n,
      expect: 'REPLACEMENT_UNDERPRICED',
    },
    {
      name: 'more than a sender may have',
      before: [{ nonce: 0n }, { nonce: 1n }, { nonce: 2n }],
      given: { nonce: 3n },
      expect: 'SENDER_FULL',
    },
    {
      name: 'a replacement when a sender has all it may',
      before: [{ nonce: 0n, hash: 'old' }, { nonce: 1n }, { nonce: 2n }],
      given: { price: 11n },
      expect: 'old',
    },
    {
      name: 'more slots than there are',
      before: [{ bytes: 4 * 32_768 }, { bytes: 2 * 32_768, nonce: 1n }],
      given: { bytes: 4 * 32_768 + 1, sender: 'b' },
      expect: 'FULL',
    },
    {
      name: 'more bytes than there may be',
      before: [{ bytes: 4 * 32_768 }],
      given: { bytes: 200_001 - 4 * 32_768, sender: 'b' },
      expect: 'FULL',
    },
    {
      name: 'as many bytes as there may be',
      before: [{ bytes: 4 * 32_768 }],
      given: { bytes: 200_000 - 4 * 32_768, sender: 'b' },
      expect: 'taken',
    },
    {
      name: 'gossip beyond its share',
      before: [{ bytes: 4 * 32_768 }],
      given: { bytes: 160_001 - 4 * 32_768, sender: 'b', source: 'gossip' },
      expect: 'FULL',
    },
    {
      name: 'a large replacement when it is full',
      before: [{ bytes: 4 * 32_768, hash: 'old' }],
      given: { bytes: 4 * 32_768 + 1, price: 11n },
      expect: 'old',
    },
  ])('$name: $expect', ({ before = [], given, baseFee = 0n, expect: result }) => {
    const book = new PoolBook(poolLimits);
    for (const draft of before) admitted(book, draft);
    expect(admitted(book, given, baseFee)).toBe(result);
  });

  it('knows by hash, by sender and nonce, and which nonces it has', () => {
    const book = new PoolBook(poolLimits);
    const [one, two] = [anEntry({ nonce: 4n }), anEntry({ nonce: 4n, sender: 'b' })];
    book.admit(one, 0n);
    book.admit(two, 0n);
    expect([book.get(one.hash), book.at('b', 4n), book.at('c', 4n), book.oldest]).toEqual([
      one,
      two,
      undefined,
      one,
    ]);
    expect(book.remove(one.hash)).toBe(one);
    expect(book.remove(one.hash)).toBeUndefined();
    expect([book.hasNonce(4n), book.oldest, book.size]).toEqual([true, two, 1]);
    book.remove(two.hash);
    expect([book.hasNonce(4n), book.size, book.slots, book.bytes]).toEqual([false, 0, 0, 0]);
  });

  it('stays within its bounds and owes nothing at the end, whatever comes', () => {
    const draft = fc.record({
      sender: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      nonce: fc.bigInt({ min: 0n, max: 5n }),
      bytes: fc.integer({ min: 1, max: 131_072 }),
      price: fc.bigInt({ min: 0n, max: 5n }),
      from: fc.constantFrom('n', 'm', 'k', undefined),
    });
    const act = fc.oneof(fc.record({ admit: draft }), fc.record({ removeAt: fc.nat(30) }));
    fc.assert(
      fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
        const book = new PoolBook(poolLimits);
        const held = new Map<string, PoolEntry>();
        for (const step of acts) {
          if ('admit' in step) {
            const { from, ...fields } = step.admit;
            const draft = from === undefined ? fields : { ...fields, from };
            const entry = anEntry(draft);
            const [gone = '', ...others] = admitted(book, draft).split(' ');
            if (gone === 'taken' || held.has(gone)) {
              const giving = [gone, ...others].map((hash) => held.get(hash));
              for (const other of giving) if (other !== undefined) held.delete(other.hash);
              held.set(entry.hash, entry);
              const rivals = giving.filter((other) => other?.source === 'rpc');
              for (const own of rivals)
                expect(own).toMatchObject({ sender: entry.sender, nonce: entry.nonce });
            }
          } else {
            const hash = [...held.keys()][step.removeAt];
            if (hash !== undefined) {
              book.remove(hash);
              held.delete(hash);
            }
          }
          const entries = [...held.values()];
          expect(book.size).toBe(held.size);
          expect(book.slots).toBe(entries.reduce((sum, entry) => sum + roomOf(entry).slots, 0));
          expect(book.bytes).toBe(entries.reduce((sum, { raw }) => sum + raw.length, 0));
          expect(book.slots).toBeLessThanOrEqual(poolLimits.maxSlots);
          expect(book.bytes).toBeLessThanOrEqual(poolLimits.maxBytes);
          for (const neighbour of 'nmk') {
            const theirs = entries.filter(({ receivedFrom }) => receivedFrom === neighbour);
            expect(theirs.reduce((sum, entry) => sum + roomOf(entry).slots, 0)).toBeLessThanOrEqual(4);
          }
          for (const sender of 'abcdef') {
            const own = entries.filter((entry) => entry.sender === sender);
            expect(own.length).toBeLessThanOrEqual(poolLimits.maxPerSender);
            for (const entry of own) expect(book.at(sender, entry.nonce)).toBe(book.get(entry.hash));
          }
          for (let nonce = 0n; nonce <= 5n; nonce++)
            expect(book.hasNonce(nonce)).toBe(entries.some((entry) => entry.nonce === nonce));
        }
        for (const hash of held.keys()) book.remove(hash);
        expect([book.size, book.slots, book.bytes, book.oldest]).toEqual([0, 0, 0, undefined]);
      }),
      { numRuns: 60 },
    );
  });
});
