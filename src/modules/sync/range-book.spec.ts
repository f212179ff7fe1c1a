import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { peerId } from '../../../test/support/fake-network.js';
import type { Batch, Lease } from './lease.js';
import { RangeBook } from './range-book.js';
import { Round } from './round.js';

const limits = { rangeBlocks: 10, bufferBlocks: 20, bufferBytes: 1_000, batchBlocks: 5, batchBytes: 100 };
const block = (bytes = 1) => new Uint8Array(bytes);

function setUp(overrides: Partial<typeof limits> = {}) {
  const book = new RangeBook({ ...limits, ...overrides });
  book.moveFloor(1);
  /** The lowest free range, to a peer that claims 1,000 if not said otherwise. */
  const lease = (name: string, claimed = 1_000) => {
    const range = book.free(peerId(name), claimed);
    if (range === undefined) throw new Error('nothing is free');
    return book.lease(new Round({ peerId: peerId(name), from: range.from, claimed }), range);
  };
  const put = (to: Lease, count: number, bytes?: number) => {
    for (let i = 0; i < count; i++) book.put(to, block(bytes));
  };
  return { book, lease, put };
}

const spanOf = ({ from, to }: { from: number; to: number }) => [from, to];

describe(RangeBook.name, () => {
  it('leases one range after another, up to what the peer claims', () => {
    const { book, lease } = setUp();
    expect(spanOf(lease('a'))).toEqual([1, 10]);
    expect(spanOf(lease('b'))).toEqual([11, 20]);
    expect(spanOf(lease('c', 25))).toEqual([21, 25]);
    expect(book.free(peerId('d'), 25)).toBeUndefined();
    expect(book.free(peerId('d'), 26)).toEqual({ from: 26, to: 26 });
  });

  it('leases again what did not come', () => {
    const { book, lease, put } = setUp();
    const [first] = [lease('a'), lease('b')];
    put(first, 4);
    book.close(first);
    expect(spanOf(lease('c'))).toEqual([5, 10]);
    expect(spanOf(lease('d'))).toEqual([21, 30]);
  });

  it('goes on behind a complete range only if nothing below is free', () => {
    const { book, lease, put } = setUp();
    const [first, second] = [lease('a'), lease('b')];
    put(second, 10);
    expect(second.isOpen).toBe(false);
    expect(spanOf(book.leaseBehind(second, 1_000) ?? { from: 0, to: 0 })).toEqual([21, 30]);
    book.close(first);
    const third = lease('c');
    expect(spanOf(third)).toEqual([1, 10]);
    put(third, 10);
    expect(book.leaseBehind(third, 1_000)).toBeUndefined();
  });

  it('gives consecutive blocks of several rounds, and who gave which', () => {
    const { book, lease, put } = setUp();
    const [first, second] = [lease('a'), lease('b')];
    put(second, 2);
    expect(book.take(false)).toBeUndefined();
    put(first, 8);
    expect(book.take(true)?.blocks).toHaveLength(5);
    expect(book.take(true)).toBeUndefined();
    put(first, 2);
    const batch = book.take(true);
    expect(batch?.from).toBe(6);
    expect(batch?.parts.map(({ round, from, count }) => [round.peerId, from, count])).toEqual([['a', 6, 5]]);
    expect(book.take(true)).toBeUndefined();
    expect(book.take(false)?.parts.map(({ round, from, count }) => [round.peerId, from, count])).toEqual([
      ['b', 11, 2],
    ]);
    expect(book.floor).toBe(13);
    expect(book.blocks).toBe(0);
  });

  it('bounds a batch by bytes, but for a block that is larger alone', () => {
    const { book, lease, put } = setUp();
    const first = lease('a');
    put(first, 2, 60);
    put(first, 1, 300);
    expect([1, 2, 3].map(() => book.take(false)?.bytes)).toEqual([60, 60, 300]);
  });

  it('gives back what was not stored, in its place', () => {
    const { book, lease, put } = setUp();
    const first = lease('a');
    put(first, 7);
    const batch = book.take(false);
    if (batch === undefined) throw new Error('no batch');
    book.putBack(batch, 3);
    book.moveFloor(4);
    expect(book.blocks).toBe(4);
    expect(book.take(false)).toMatchObject({
      from: 4,
      blocks: { length: 4 },
      parts: [
        { from: 4, count: 2 },
        { from: 6, count: 2 },
      ],
    });
  });

  it('drops what a peer gave, and takes nothing more of it', () => {
    const { book, lease, put } = setUp();
    const [first, second] = [lease('a'), lease('b')];
    put(first, 3);
    put(second, 2);
    book.drop(({ peerId: id }) => id === 'b');
    expect(book.put(second, block())).toBe(false);
    expect(book.blocks).toBe(3);
    expect(spanOf(lease('c'))).toEqual([11, 20]);
    book.drop(() => true);
    expect({ floor: book.floor, isEmpty: book.isEmpty, bytes: book.bytes }).toEqual({
      floor: 1,
      isEmpty: true,
      bytes: 0,
    });
  });

  it('keeps heights for one peer', () => {
    const { book } = setUp();
    book.pin(peerId('a'), 15);
    expect(book.free(peerId('a'), 100)).toEqual({ from: 1, to: 10 });
    expect(book.free(peerId('b'), 100)).toEqual({ from: 16, to: 25 });
    expect(book.free(peerId('b'), 15)).toBeUndefined();
    book.unpin();
    expect(book.free(peerId('b'), 100)).toEqual({ from: 1, to: 10 });
  });

  describe('room', () => {
    it('is there for a batch of what comes next, whatever else waits', async () => {
      const { book, lease, put } = setUp();
      const [first, second, third] = [lease('a'), lease('b'), lease('c')];
      put(second, 9);
      put(third, 4);
      expect(book.hasRoom(third)).toBe(false);
      expect(book.hasRoom(second)).toBe(false);
      expect(book.hasRoom(first)).toBe(true);
      put(first, 5);
      expect(book.hasRoom(first)).toBe(false);
      const room = book.room(first);
      expect(book.waiting).toEqual(['a']);
      book.take(false);
      expect(await room).toBe(true);
      expect(book.waiting).toEqual([]);
    });

    it('is refused to a lease that ends', async () => {
      const { book, lease, put } = setUp();
      lease('a');
      const second = lease('b');
      put(second, 9);
      put(lease('c'), 4);
      const room = book.room(second);
      book.drop(({ peerId: id }) => id === 'b');
      expect(await room).toBe(false);
    });

    it('is given up for a lower height that is free', async () => {
      const { book, lease, put } = setUp();
      const [first, second] = [lease('a'), lease('b')];
      put(second, 9);
      put(lease('c'), 5);
      const room = book.room(second);
      book.close(first);
      expect(await room).toBe(false);
    });
  });

  it('never has a height twice, keeps count, and is never over its limits', () => {
    type Act = { act: 'lease' | 'put' | 'close' | 'take' | 'back' | 'drop'; which: number };
    const acts = fc.array(
      fc.record({
        act: fc.constantFrom('lease', 'put', 'put', 'put', 'close', 'take', 'back', 'drop'),
        which: fc.nat(5),
      }) as fc.Arbitrary<Act>,
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(acts, (steps) => {
        const { book, lease } = setUp();
        let leases: Lease[] = [];
        let last: Batch | undefined;
        for (const { act, which } of steps) {
          leases = leases.filter(({ isOpen }) => isOpen);
          const one = leases[which % Math.max(1, leases.length)];
          if (act === 'lease' && leases.length < 4) leases.push(lease(`p${which}`));
          if (act === 'put' && one && book.hasRoom(one)) book.put(one, block());
          if (act === 'close' && one) book.close(one);
          if (act === 'drop') book.drop(({ peerId: id }) => id === `p${which}`);
          if (act === 'take') last = book.take(which > 2) ?? last;
          if (act === 'back' && last !== undefined && book.floor === last.from + last.blocks.length) {
            book.putBack(last, last.from - 1);
            book.moveFloor(last.from);
            last = undefined;
          }
          const next = book.free(peerId('new'), 10_000);
          const spans = leases.filter(({ isOpen }) => isOpen).map(({ start, to }) => [start, to] as const);
          for (const [start, to] of spans) {
            expect(next && next.from <= to && next.to >= start).toBe(false);
            expect(spans.filter(([s, t]) => s <= to && t >= start)).toHaveLength(1);
          }
          // A batch that is given back comes on top.
          expect(book.blocks).toBeLessThanOrEqual(limits.bufferBlocks + limits.batchBlocks);
          expect(book.bytes).toBe(book.blocks);
        }
        book.drop(() => true);
        expect([book.blocks, book.bytes, book.isEmpty]).toEqual([0, 0, true]);
      }),
    );
  });
});
