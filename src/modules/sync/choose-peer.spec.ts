import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { peerId } from '../../../test/support/fake-network.js';
import { type HeightClaim, inOrderOfUse, plausibleHeight } from './choose-peer.js';

const claim = (name: string, number: number, distance = 0n): HeightClaim => ({
  peerId: peerId(name),
  number,
  distance,
});

describe(inOrderOfUse.name, () => {
  it.each<{ name: string; claims: HeightClaim[]; expect: string[] }>([
    { name: 'nobody', claims: [], expect: [] },
    { name: 'the highest', claims: [claim('a', 7), claim('b', 9), claim('c', 8)], expect: ['b', 'c', 'a'] },
    { name: 'the nearest of equals', claims: [claim('a', 9, 5n), claim('b', 9, 3n)], expect: ['b', 'a'] },
    { name: 'height before nearness', claims: [claim('a', 8, 3n), claim('b', 9, 5n)], expect: ['b', 'a'] },
  ])('puts $name first', ({ claims, expect: expected }) => {
    expect(inOrderOfUse(claims).map(({ peerId: id }) => id)).toEqual(expected);
  });

  const claims = fc
    .uniqueArray(fc.record({ name: fc.integer(), number: fc.nat(20), distance: fc.bigInt(0n, 2n ** 256n) }), {
      selector: ({ distance }) => distance,
    })
    .map((list) => list.map(({ name, number, distance }) => claim(`${name}`, number, distance)));

  it('is the same whatever the order that claims come in', () => {
    fc.assert(
      fc.property(claims, (all) => {
        expect(inOrderOfUse([...all].reverse())).toEqual(inOrderOfUse(all));
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
