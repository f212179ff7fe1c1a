import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { parsePeerId, peerIdBytes } from '../address/peer-id.js';
import type { PeerId } from '../ports/types.js';
import { compareDistance, kadIdOfKey, kadIdOfPeer, RoutingTable } from './routing-table.js';

const ids = [
  '16Uiu2HAm2FDkXukPDHpSJtXH14DAwz8RmY2i7wmzS4WPVoVgR4iB',
  '16Uiu2HAmDKXWkEiqpChegmuoFuAznvPTZCuKGbHkmzanvfTVhtUh',
  '16Uiu2HAmUGmWxRQfRQoqSRNbLcT4c5NgaM1PiyHHCrh5MyBrubnn',
  '16Uiu2HAmP7gENq4WJYhMUHt5P3Q7HEQidSHcjbpDnZHjkgAbTtAM',
].map(parsePeerId);

/** The distance as one number, computed another way. */
function distance(target: Uint8Array, peerId: PeerId): bigint {
  const hash = createHash('sha256').update(peerIdBytes(peerId)).digest('hex');
  return BigInt(`0x${Buffer.from(target).toString('hex')}`) ^ BigInt(`0x${hash}`);
}

describe(RoutingTable.name, () => {
  const table = new RoutingTable();
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
    const small = new RoutingTable();
    const [first, second] = ids as [PeerId, PeerId];
    small.add(first);
    small.add(first);
    small.add(second);
    small.remove(first);
    expect(small.size).toBe(1);
    expect(small.nearest(kadIdOfKey('x'), 16)).toEqual([second]);
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
