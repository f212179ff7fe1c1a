import { describe, expect, it } from '@jest/globals';
import type { PeerId } from '../ports/types.js';
import {
  BLEMISHED_BELOW,
  CLEARLY_BETTER,
  CROWD,
  chooseEviction,
  ESTABLISHED_AFTER_MS,
  type Newcomer,
  SLOW_HANDSHAKE_MS,
  type SlotHolder,
  USEFUL_WITHIN_MS,
} from './choose-eviction.js';

const OLD = ESTABLISHED_AFTER_MS;
const stranger: Newcomer = { isPinned: false, isKnownGood: false, score: 0, subnet: '192.0.2.0/24' };

function aHolder(name: string, traits: Partial<SlotHolder> = {}): SlotHolder {
  return {
    peerId: name as PeerId,
    isPinned: false,
    isKnownGood: false,
    score: 0,
    subnet: undefined,
    isActive: true,
    ageMs: 60_000,
    uselessMs: undefined,
    ...traits,
  };
}

/** Peers of one subnet, the first the youngest. */
function aCrowd(size: number, traits: Partial<SlotHolder> = {}, subnet = '10.0.0.0/24'): SlotHolder[] {
  return Array.from({ length: size }, (_, n) => {
    return aHolder(`${subnet} ${n}`, { subnet, ageMs: 60_000 + n, ...traits });
  });
}

const pinned = { ...stranger, isPinned: true };
const known = { ...stranger, isKnownGood: true };
const useful = { uselessMs: USEFUL_WITHIN_MS };

describe(chooseEviction.name, () => {
  it.each<{ name: string; newcomer: Newcomer; holders: SlotHolder[]; expected: string | undefined }>([
    { name: 'nobody is here', newcomer: pinned, holders: [], expected: undefined },
    {
      name: 'a stranger meets strangers',
      newcomer: stranger,
      holders: [aHolder('a'), aHolder('b')],
      expected: undefined,
    },
    {
      name: 'a pinned one meets pinned ones',
      newcomer: pinned,
      holders: [aHolder('a', { isPinned: true })],
      expected: undefined,
    },
    {
      name: 'a pinned one meets an established one',
      newcomer: { ...pinned, score: -100 },
      holders: [aHolder('a', { isPinned: true }), aHolder('b', { ageMs: OLD, ...useful, isKnownGood: true })],
      expected: 'b',
    },
    {
      name: 'a pinned one meets a pending handshake',
      newcomer: pinned,
      holders: [aHolder('a', { score: -50 }), aHolder('b', { isActive: false, isKnownGood: true })],
      expected: 'b',
    },
    {
      name: 'a pinned one meets all kinds',
      newcomer: pinned,
      holders: [
        aHolder('established', { ageMs: OLD, ...useful }),
        aHolder('proven', { isKnownGood: true }),
        aHolder('unknown'),
        aHolder('pinned', { isPinned: true }),
      ],
      expected: 'unknown',
    },
    {
      name: 'a pinned one meets a faulty one among strangers',
      newcomer: pinned,
      holders: [...aCrowd(CROWD), aHolder('faulty', { score: -CLEARLY_BETTER, ageMs: OLD })],
      expected: 'faulty',
    },
    { name: 'a known one meets a stranger', newcomer: known, holders: [aHolder('a')], expected: 'a' },
    {
      name: 'a known one meets strangers of many ages',
      newcomer: known,
      holders: [aHolder('a', { ageMs: 2 }), aHolder('b', { ageMs: 1 }), aHolder('c', { ageMs: OLD })],
      expected: 'b',
    },
    {
      name: 'a known one meets one that was never of use, however long here',
      newcomer: known,
      holders: [aHolder('a', { ageMs: 100 * OLD })],
      expected: 'a',
    },
    {
      name: 'a known one meets known and useful ones',
      newcomer: known,
      holders: [aHolder('a', { isKnownGood: true }), aHolder('b', useful)],
      expected: undefined,
    },
    {
      name: 'a known one meets one whose use is long past',
      newcomer: known,
      holders: [aHolder('a', { ageMs: OLD, uselessMs: USEFUL_WITHIN_MS + 1 })],
      expected: 'a',
    },
    {
      name: 'a known one meets a handshake that has just begun',
      newcomer: known,
      holders: [aHolder('a', { isActive: false, ageMs: SLOW_HANDSHAKE_MS - 1 })],
      expected: undefined,
    },
    {
      name: 'a stranger meets handshakes that hang: the oldest goes',
      newcomer: stranger,
      holders: [
        aHolder('a', { isActive: false, ageMs: SLOW_HANDSHAKE_MS }),
        aHolder('b', { isActive: false, ageMs: SLOW_HANDSHAKE_MS + 1 }),
        aHolder('c'),
      ],
      expected: 'b',
    },
    {
      name: 'one with faults meets a handshake that hangs',
      newcomer: { ...stranger, score: BLEMISHED_BELOW - 0.1 },
      holders: [aHolder('a', { isActive: false })],
      expected: undefined,
    },
    {
      name: 'a known one with faults meets a stranger',
      newcomer: { ...known, score: BLEMISHED_BELOW - 0.1 },
      holders: [aHolder('a')],
      expected: undefined,
    },
    {
      name: 'a known one with what is left of a fault meets a stranger',
      newcomer: { ...known, score: BLEMISHED_BELOW },
      holders: [aHolder('a')],
      expected: 'a',
    },
    {
      name: 'a stranger meets a clearly worse one',
      newcomer: stranger,
      holders: [aHolder('a', { score: 0.1 - CLEARLY_BETTER }), aHolder('b', { score: -CLEARLY_BETTER })],
      expected: 'b',
    },
    {
      name: 'a stranger meets a slightly worse one',
      newcomer: stranger,
      holders: [aHolder('a', { score: 0.1 - CLEARLY_BETTER })],
      expected: undefined,
    },
    {
      name: 'a stranger meets a worse one that is known',
      newcomer: stranger,
      holders: [aHolder('a', { score: -CLEARLY_BETTER, isKnownGood: true })],
      expected: undefined,
    },
    {
      name: 'a known one meets a worse one that is known',
      newcomer: known,
      holders: [aHolder('a', { score: -CLEARLY_BETTER, isKnownGood: true })],
      expected: 'a',
    },
    {
      name: 'a stranger from a new subnet meets a crowd',
      newcomer: stranger,
      holders: aCrowd(CROWD),
      expected: '10.0.0.0/24 0',
    },
    {
      name: 'a stranger from a new subnet meets too few for a crowd',
      newcomer: stranger,
      holders: aCrowd(CROWD - 1),
      expected: undefined,
    },
    {
      name: 'a stranger from a new subnet meets two crowds',
      newcomer: stranger,
      holders: [...aCrowd(CROWD), ...aCrowd(CROWD + 1, {}, '10.0.1.0/24')],
      expected: '10.0.1.0/24 0',
    },
    {
      name: 'a stranger from a subnet that is here meets a crowd',
      newcomer: stranger,
      holders: [...aCrowd(CROWD), aHolder('a', { subnet: '192.0.2.0/24' })],
      expected: undefined,
    },
    {
      name: 'a stranger from a subnet whose handshake is pending meets a crowd',
      newcomer: stranger,
      holders: [...aCrowd(CROWD), aHolder('a', { subnet: '192.0.2.0/24', isActive: false, ageMs: 0 })],
      expected: undefined,
    },
    {
      name: 'a stranger without a subnet meets a crowd',
      newcomer: { ...stranger, subnet: undefined },
      holders: aCrowd(CROWD),
      expected: undefined,
    },
    {
      name: 'a stranger meets a crowd without a subnet',
      newcomer: stranger,
      holders: [aHolder('a'), aHolder('b'), aHolder('c')],
      expected: undefined,
    },
    {
      name: 'a stranger meets a crowd of which one is pinned and one pending',
      newcomer: stranger,
      holders: [
        ...aCrowd(1, { isPinned: true }),
        ...aCrowd(3).slice(1, 2),
        ...aCrowd(3, { isActive: false, ageMs: 0 }).slice(2),
      ],
      expected: '10.0.0.0/24 1',
    },
    {
      name: 'a stranger meets a crowd of known ones',
      newcomer: stranger,
      holders: aCrowd(CROWD, { isKnownGood: true }),
      expected: undefined,
    },
    {
      name: 'a known one from a new subnet meets a crowd of known ones',
      newcomer: known,
      holders: aCrowd(CROWD, { isKnownGood: true }),
      expected: '10.0.0.0/24 0',
    },
    {
      name: 'a known one from a new subnet meets a crowd of established ones',
      newcomer: known,
      holders: [
        ...aCrowd(CROWD, { isKnownGood: true, ageMs: OLD }),
        ...aCrowd(CROWD, { ...useful, ageMs: OLD }, '10.0.1.0/24'),
      ],
      expected: undefined,
    },
    {
      name: 'peers are alike',
      newcomer: known,
      holders: [aHolder('b'), aHolder('a'), aHolder('c')],
      expected: 'a',
    },
  ])('when $name', ({ newcomer, holders, expected }) => {
    expect(chooseEviction(newcomer, holders)?.peerId).toBe(expected);
    expect(chooseEviction(newcomer, [...holders].reverse())?.peerId).toBe(expected);
  });

  it.each([
    { newcomer: pinned, holder: {}, reason: 'pinned newcomer' },
    { newcomer: known, holder: {}, reason: 'known newcomer' },
    { newcomer: stranger, holder: { score: -CLEARLY_BETTER }, reason: 'better score' },
    { newcomer: stranger, holder: { subnet: '10.0.0.0/24' }, reason: 'crowded subnet' },
  ])('tells the reason: $reason', ({ newcomer, holder, reason }) => {
    const rest = aCrowd(CROWD - 1, { isKnownGood: true, ageMs: OLD });
    expect(chooseEviction(newcomer, [aHolder('a', holder), ...rest])).toEqual({ peerId: 'a', reason });
  });
});
