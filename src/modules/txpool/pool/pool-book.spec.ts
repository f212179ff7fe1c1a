import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { TransactionSource } from '../ports/txpool.port.js';
import { TxPoolError } from '../txpool.errors.js';
import { PoolBook, type PoolEntry } from './pool-book.js';
import { roomOf } from './room.js';

const limits = { maxSlots: 10, maxBytes: 200_000, maxPerSender: 3 };

interface Draft {
  readonly hash?: string;
  readonly sender?: string;
  readonly nonce?: bigint;
  readonly bytes?: number;
  readonly price?: bigint;
  readonly tip?: bigint;
  readonly source?: TransactionSource;
  /** The neighbour that brought it: it is gossip. */
  readonly from?: string;
}

const anEntry = (draft: Draft = {}): PoolEntry => {
  const { sender = 'a', nonce = 0n, price = 10n, tip = price, bytes = 100, from } = draft;
  const { source = from === undefined ? 'rpc' : 'gossip' } = draft;
  return {
    hash: draft.hash ?? `${sender}/${nonce}/${price}/${tip}/${bytes}`,
    sender,
    nonce,
    raw: new Uint8Array(bytes),
    feeCap: price,
    tipCap: tip,
    source,
    receivedAtMs: 0,
    expiresAtMs: 0,
    ...(source === 'gossip' ? { receivedFrom: from ?? 'neighbour' } : {}),
  };
};

/** `taken`, the hashes of those whose place it took, or why not. */
const admitted = (book: PoolBook, draft: Draft, baseFee = 0n): string => {
  try {
    const { replaced, displaced } = book.admit(anEntry(draft), baseFee);
    const gone = replaced === undefined ? displaced : [replaced, ...displaced];
    return gone.map(({ hash }) => hash).join(' ') || 'taken';
  } catch (error) {
    if (!(error instanceof TxPoolError)) throw error;
    return error.code.replace('TXPOOL.', '');
  }
};

/** So many of this size, of two neighbours, that pay little. */
const sized = (count: number, bytes: number): Draft[] =>
  Array.from({ length: count }, (_, n) => ({
    from: n % 2 === 0 ? 'n' : 'm',
    hash: `s${n}`,
    sender: `s${n}`,
    price: 1n,
    bytes,
  }));

describe(PoolBook.name, () => {
  it.each<{ name: string; before?: Draft[]; given: Draft; baseFee?: bigint; expect: string }>([
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
    const book = new PoolBook(limits);
    for (const draft of before) admitted(book, draft);
    expect(admitted(book, given, baseFee)).toBe(result);
  });

  /** Small ones of a neighbour, each of another sender, named and priced like this. */
  const brought = (from: string, prices: Record<string, bigint>): Draft[] =>
    Object.entries(prices).map(([hash, price]) => ({ from, hash, sender: hash, price }));
  const eight = [
    ...brought('n', { n1: 5n, n2: 3n, n3: 4n, n4: 9n }),
    ...brought('m', { m1: 2n, m2: 7n, m3: 2n, m4: 8n }),
  ];

  describe.each<{ name: string; limits?: typeof limits; before?: Draft[]; given: Draft; expect: string }>([
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
    ({ name, limits: ours = limits, before = eight, given, expect: result }) => {
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

  it('knows by hash, by sender and nonce, and which nonces it has', () => {
    const book = new PoolBook(limits);
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
        const book = new PoolBook(limits);
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
          expect(book.slots).toBeLessThanOrEqual(limits.maxSlots);
          expect(book.bytes).toBeLessThanOrEqual(limits.maxBytes);
          for (const neighbour of 'nmk') {
            const theirs = entries.filter(({ receivedFrom }) => receivedFrom === neighbour);
            expect(theirs.reduce((sum, entry) => sum + roomOf(entry).slots, 0)).toBeLessThanOrEqual(4);
          }
          for (const sender of 'abcdef') {
            const own = entries.filter((entry) => entry.sender === sender);
            expect(own.length).toBeLessThanOrEqual(limits.maxPerSender);
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
