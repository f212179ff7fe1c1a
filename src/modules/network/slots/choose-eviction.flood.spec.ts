import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PeerId } from '../ports/types.js';
import {
  CROWD,
  chooseEviction,
  ESTABLISHED_AFTER_MS as OLD,
  SLOW_HANDSHAKE_MS,
  type SlotHolder,
  USEFUL_WITHIN_MS,
} from './choose-eviction.js';

function aHolder(name: string, traits: Omit<SlotHolder, 'peerId'>): SlotHolder {
  return { peerId: name as PeerId, ...traits };
}

const stranger = {
  isPinned: false,
  isKnownGood: false,
  score: 0,
  isActive: true,
  ageMs: 60_000,
  uselessMs: undefined,
};

describe('floods of newcomers', () => {
  it('displace neither pinned peers nor, unless pinned themselves, established ones', () => {
    const someone = fc.record({
      isPinned: fc.boolean(),
      isKnownGood: fc.boolean(),
      score: fc.constantFrom(0, -0.5, -5, -50),
      subnet: fc.constantFrom('a', 'b', 'c', undefined),
      isActive: fc.boolean(),
      ageMs: fc.constantFrom(0, OLD - 1, OLD, 10 * OLD),
      uselessMs: fc.constantFrom(undefined, 0, USEFUL_WITHIN_MS, USEFUL_WITHIN_MS + 1),
    });
    const newcomer = fc.record({
      isPinned: fc.boolean(),
      isKnownGood: fc.boolean(),
      score: fc.constantFrom(0, -5),
      subnet: fc.constantFrom('c', 'd', undefined),
    });
    fc.assert(
      fc.property(fc.array(someone, { maxLength: 12 }), newcomer, (traits, wanting) => {
        const holders = traits.map((trait, n) => aHolder(`${n}`, trait));
        const evicted = holders.find(({ peerId }) => peerId === chooseEviction(wanting, holders)?.peerId);
        if (wanting.isPinned) expect(evicted !== undefined).toBe(holders.some(({ isPinned }) => !isPinned));
        if (evicted === undefined) return;
        expect(evicted.isPinned).toBe(false);
        if (wanting.isPinned) return;
        if (!evicted.isActive) {
          expect(evicted.ageMs).toBeGreaterThanOrEqual(SLOW_HANDSHAKE_MS);
          return;
        }
        const isOfUse = evicted.isKnownGood || (evicted.uselessMs ?? Infinity) <= USEFUL_WITHIN_MS;
        expect(evicted.ageMs >= OLD && isOfUse).toBe(false);
        if (!wanting.isKnownGood) expect(isOfUse).toBe(false);
      }),
    );
  });

  it('come to rest however many they are, from however many subnets', () => {
    let holders = Array.from({ length: 16 }, (_, n) => {
      return aHolder(`here ${n}`, { ...stranger, subnet: `10.0.${n % 2}.0/24` });
    });
    let evictions = 0;
    for (let n = 0; n < 1_000; n++) {
      const subnet = `172.16.${n}.0/24`;
      const eviction = chooseEviction({ ...stranger, subnet }, holders);
      if (eviction === undefined) continue;
      evictions++;
      holders = holders.filter(({ peerId }) => peerId !== eviction.peerId);
      holders.push(aHolder(`${n}`, { ...stranger, subnet, ageMs: 0 }));
    }
    expect(evictions).toBe(2 * (8 - CROWD + 1));
  });
});
