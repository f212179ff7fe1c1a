import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { aPeerId } from '../../../../test/support/peer-ids.js';
import { parsePeerId, peerIdBytes } from '../address/peer-id.js';
import type { PeerId } from '../ports/types.js';
import { commonPrefixBits, compareDistance, kadIdOfKey, kadIdOfPeer, RoutingTable } from './routing-table.js';

const ids = [
  '16Uiu2HAm2FDkXukPDHpSJtXH14DAwz8RmY2i7wmzS4WPVoVgR4iB',
  '16Uiu2HAmDKXWkEiqpChegmuoFuAznvPTZCuKGbHkmzanvfTVhtUh',
  '16Uiu2HAmUGmWxRQfRQoqSRNbLcT4c5NgaM1PiyHHCrh5MyBrubnn',
  '16Uiu2HAmP7gENq4WJYhMUHt5P3Q7HEQidSHcjbpDnZHjkgAbTtAM',
].map(parsePeerId);

const uncounted = { bucketFull: () => {} };

/** The distance as one number, computed another way. */
function distance(target: Uint8Array, peerId: PeerId): bigint {
  const hash = createHash('sha256').update(peerIdBytes(peerId)).digest('hex');
  return BigInt(`0x${Buffer.from(target).toString('hex')}`) ^ BigInt(`0x${hash}`);
}

describe(RoutingTable.name, () => {
  const table = new RoutingTable(aPeerId(0), 20, uncounted);
  for (const id of ids) table.add(id);

  it.each(['a', 'Zz9', String(ids[0])])('gives the nearest to the hash of %s first', (key) => {
    const target = kadIdOfKey(key);
    const sorted = [...ids].sort((a, b) => (distance(target, a) < distance(target, b) ? -1 : 1));
    expect(table.nearest(target, 4)).toEqual(sorted);
    expect(table.nearest(target, 2)).toEqual(sorted.slice(0, 2));
  });

  it('has a peer nearest to its own place', () => {
    for (const id of ids) expect(table.nearest(kadIdOfPeer(id), 1)).toEqual([id]);
  });

  it('holds each peer once and forgets those removed', () => {
    const small = new RoutingTable(aPeerId(0), 20, uncounted);
    const [first, second] = ids as [PeerId, PeerId];
    small.add(first);
    small.add(first);
    small.add(second);
    small.remove(first);
    expect(small.size).toBe(1);
    expect(small.nearest(kadIdOfKey('x'), 16)).toEqual([second]);
  });

  describe('with buckets', () => {
    const self = aPeerId(0);
    const bucketOf = (peerId: PeerId) => commonPrefixBits(kadIdOfPeer(self), kadIdOfPeer(peerId));
    const others = Array.from({ length: 200 }, (_, n) => aPeerId(n + 1));
    const inBucket = (bits: number) => others.filter((peerId) => bucketOf(peerId) === bits);

    it('takes so many peers of each and leaves the others out', () => {
      const table = new RoutingTable(self, 20, uncounted);
      const [far, near] = [inBucket(0), inBucket(3)];
      expect(far.length).toBeGreaterThan(20);
      expect(far.map((peerId) => table.add(peerId))).toEqual(far.map((_, i) => i < 20));
      expect(near.map((peerId) => table.add(peerId))).not.toContain(false);
      expect(table.size).toBe(20 + near.length);
      expect(table.nearest(kadIdOfKey('x'), 200).sort()).toEqual([...far.slice(0, 20), ...near].sort());
    });

    it('counts each peer that is left out once', () => {
      let count = 0;
      const table = new RoutingTable(self, 1, { bucketFull: () => count++ });
      const [a, b, c] = inBucket(0) as [PeerId, PeerId, PeerId];
      for (const peerId of [a, b, b, a, c]) table.add(peerId);
      expect(count).toBe(2);
    });

    it('fills a place that comes free with the one that waited longest', () => {
      const table = new RoutingTable(self, 2, uncounted);
      const [a, b, c, d, e] = inBucket(0) as [PeerId, PeerId, PeerId, PeerId, PeerId];
      for (const peerId of [a, b, c, d, e, c]) table.add(peerId);
      const told = () => table.nearest(kadIdOfKey('x'), 9).sort();
      expect(told()).toEqual([a, b].sort());
      table.remove(c);
      table.remove(a);
      expect(told()).toEqual([b, d].sort());
      table.remove(b);
      table.remove(d);
      expect(told()).toEqual([e]);
      table.remove(e);
      table.remove(e);
      expect(table.size).toBe(0);
    });

    it('tells a peer that is back and was left out before', () => {
      const table = new RoutingTable(self, 1, uncounted);
      const [a, b] = inBucket(0) as [PeerId, PeerId];
      for (const peerId of [a, b]) table.add(peerId);
      for (const peerId of [b, a]) table.remove(peerId);
      expect(table.add(b)).toBe(true);
      expect(table.add(b)).toBe(true);
      expect(table.size).toBe(1);
    });
  });
});

describe(commonPrefixBits.name, () => {
  it.each([
    { a: [0, 0], b: [0x80, 0], bits: 0 },
    { a: [0, 0], b: [0x01, 0], bits: 7 },
    { a: [1, 0xff], b: [1, 0x7f], bits: 8 },
    { a: [1, 2], b: [1, 2], bits: 16 },
    { a: [0xf0], b: [0xf8], bits: 4 },
  ])('of $a and $b: $bits', ({ a, b, bits }) => {
    expect(commonPrefixBits(Buffer.from(a), Buffer.from(b))).toBe(bits);
  });
});

describe(compareDistance.name, () => {
  const at = (...bytes: number[]) => Buffer.from(bytes);
  it.each([
    { target: at(0, 0), a: at(1, 0), b: at(0, 255), sign: 1 },
    { target: at(255, 0), a: at(254, 9), b: at(0, 0), sign: -1 },
    { target: at(7, 7), a: at(1, 2), b: at(1, 2), sign: 0 },
    { target: at(0, 1), a: at(0, 1), b: at(0, 0), sign: -1 },
  ])('$a against $b from $target', ({ target, a, b, sign }) => {
    expect(Math.sign(compareDistance(target, a, b))).toBe(sign);
  });
});
