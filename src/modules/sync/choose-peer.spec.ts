import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { peerId } from '../../../test/support/fake-network.js';
import { choosePeer, type HeightClaim, plausibleHeight } from './choose-peer.js';

const claim = (name: string, number: number, distance = 0n): HeightClaim => ({
  peerId: peerId(name),
  number,
  distance,
});

describe(choosePeer.name, () => {
  it.each<{
    name: string;
    claims: HeightClaim[];
    head: number;
    skipped?: string[];
    expect: string | undefined;
  }>([
    { name: 'nobody', claims: [], head: 0, expect: undefined },
    { name: 'nobody who is not ahead', claims: [claim('a', 7), claim('b', 3)], head: 7, expect: undefined },
    { name: 'the highest', claims: [claim('a', 7), claim('b', 9), claim('c', 8)], head: 0, expect: 'b' },
    { name: 'the nearest of equals', claims: [claim('a', 9, 5n), claim('b', 9, 3n)], head: 0, expect: 'b' },
    { name: 'height before nearness', claims: [claim('a', 9, 5n), claim('b', 8, 3n)], head: 0, expect: 'a' },
    { name: 'nobody skipped', claims: [claim('a', 9), claim('b', 8)], head: 0, skipped: ['a'], expect: 'b' },
    {
      name: 'nobody at all if all are skipped',
      claims: [claim('a', 9)],
      head: 0,
      skipped: ['a'],
      expect: undefined,
    },
    { name: 'a peer with genesis when we have none', claims: [claim('a', 0)], head: -1, expect: 'a' },
  ])('chooses $name', ({ claims, head, skipped = [], expect: expected }) => {
    const best = choosePeer({ claims, head, isSkipped: (id) => skipped.includes(id) });
    expect(best?.peerId).toBe(expected);
  });

  const claims = fc
    .uniqueArray(fc.record({ name: fc.integer(), number: fc.nat(20), distance: fc.bigInt(0n, 2n ** 256n) }), {
      selector: ({ distance }) => distance,
    })
    .map((list) => list.map(({ name, number, distance }) => claim(`${name}`, number, distance)));

  it('gives a claim that none of the allowed ones beats, whatever their order', () => {
    fc.assert(
      fc.property(claims, fc.nat(20), fc.func(fc.boolean()), (all, head, isSkipped) => {
        const best = choosePeer({ claims: all, head, isSkipped });
        expect(choosePeer({ claims: [...all].reverse(), head, isSkipped })).toBe(best);
        const allowed = all.filter(({ number, peerId: id }) => number > head && !isSkipped(id));
        expect(best === undefined).toBe(allowed.length === 0);
        if (!best) return;
        expect(allowed).toContain(best);
        for (const other of allowed) {
          expect(other.number).toBeLessThanOrEqual(best.number);
          if (other.number === best.number) expect(other.distance >= best.distance).toBe(true);
        }
      }),
    );
  });
});

describe(plausibleHeight.name, () => {
  it.each([
    { name: 'the height 0', claimed: 0n, head: -1, expect: 0 },
    { name: 'a height below ours', claimed: 3n, head: 900, expect: 3 },
    { name: 'the edge of the window', claimed: 1_010n, head: 10, expect: 1_000 + 10 },
    { name: 'one above the window', claimed: 1_011n, head: 10, expect: undefined },
    { name: '2^53', claimed: 2n ** 53n, head: 2 ** 53 - 2, expect: undefined },
    { name: '2^53-1 within the window', claimed: 2n ** 53n - 1n, head: 2 ** 53 - 2, expect: 2 ** 53 - 1 },
    { name: '2^63', claimed: 2n ** 63n, head: 0, expect: undefined },
    { name: '2^64-1', claimed: 2n ** 64n - 1n, head: 0, expect: undefined },
  ])('judges $name', ({ claimed, head, expect: expected }) => {
    expect(plausibleHeight(claimed, head, 1_000)).toBe(expected);
  });
});
