import { describe, expect, it } from '@jest/globals';
import type { PeerRecord } from '../ports/peer-store.port.js';
import type { PeerId } from '../ports/types.js';
import { BookShelves } from './book-shelves.js';

const NOW_MS = 1_700_000_000_000;
const DAY_MS = 86_400_000;

const heard = (name: string, more: Partial<PeerRecord> = {}): PeerRecord => ({
  peerId: name as PeerId,
  addresses: [{ transport: '/memory/1', failures: 0 }],
  score: 0,
  scoredAtMs: 0,
  reasons: [],
  ...more,
});
const seen = (name: string, atMs = NOW_MS) => heard(name, { seenAtMs: atMs });
const faulty = (name: string) => heard(name, { score: -10, scoredAtMs: NOW_MS });
const apart = (name: string, untilMs = NOW_MS + 1) => heard(name, { quarantinedUntilMs: untilMs });
const reached = (name: string) =>
  heard(name, { addresses: [{ transport: '/memory/1', reachedAtMs: NOW_MS, failures: 9 }] });

describe(BookShelves.name, () => {
  it.each<{ name: string; present: PeerRecord[]; newcomer: PeerRecord; nowMs?: number; leaves: string }>([
    { name: 'the oldest rumour', present: [heard('a'), heard('b')], newcomer: heard('x'), leaves: 'a' },
    {
      name: 'a rumour before anyone met',
      present: [seen('a'), heard('b')],
      newcomer: reached('x'),
      leaves: 'b',
    },
    {
      name: 'a rumour before a bad name',
      present: [faulty('a'), heard('b')],
      newcomer: heard('x'),
      leaves: 'b',
    },
    {
      name: 'a rumour before a quarantine',
      present: [apart('a'), heard('b')],
      newcomer: heard('x'),
      leaves: 'b',
    },
    {
      name: 'a rumour before anyone reached',
      present: [reached('a'), heard('b')],
      newcomer: heard('x'),
      leaves: 'b',
    },
    {
      name: 'the new rumour itself, where all are worth more',
      present: [reached('a'), faulty('b')],
      newcomer: heard('x'),
      leaves: 'x',
    },
    {
      name: 'one met longer than a day ago',
      present: [seen('a'), reached('b')],
      newcomer: heard('x'),
      nowMs: NOW_MS + DAY_MS,
      leaves: 'a',
    },
    {
      name: 'one whose score has decayed',
      present: [faulty('a'), reached('b')],
      newcomer: heard('x'),
      nowMs: NOW_MS + DAY_MS,
      leaves: 'a',
    },
    {
      name: 'one whose quarantine is over',
      present: [apart('a'), reached('b')],
      newcomer: heard('x'),
      nowMs: NOW_MS + 1,
      leaves: 'a',
    },
    {
      name: 'the oldest met, where most are',
      present: [seen('a'), seen('b')],
      newcomer: reached('x'),
      leaves: 'a',
    },
    {
      name: 'the oldest reached, where most are',
      present: [reached('a'), reached('b')],
      newcomer: faulty('x'),
      leaves: 'a',
    },
  ])('lets $name go', ({ present, newcomer, nowMs = NOW_MS, leaves }) => {
    const shelves = new BookShelves(2);
    for (const record of present) expect(shelves.put(record, NOW_MS)).toBeUndefined();
    expect(shelves.put(newcomer, nowMs)).toBe(leaves);
    expect(shelves.size).toBe(2);
    expect(shelves.get(leaves as PeerId)).toBeUndefined();
    if (leaves !== newcomer.peerId) expect(shelves.get(newcomer.peerId)).toBe(newcomer);
  });

  it('keeps half for peers reached, however many misbehave', () => {
    const shelves = new BookShelves(10);
    for (let n = 0; n < 10; n++) shelves.put(reached(`good ${n}`), NOW_MS);
    for (let n = 0; n < 1_000; n++) shelves.put(faulty(`bad ${n}`), NOW_MS);
    expect([...shelves.reached()].map(({ peerId }) => peerId)).toEqual(
      [5, 6, 7, 8, 9].map((n) => `good ${n}`),
    );
    expect(shelves.get('bad 999' as PeerId)).toBeDefined();
  });

  it('needs no room for a peer that is there', () => {
    const shelves = new BookShelves(2);
    shelves.put(heard('a'), NOW_MS);
    shelves.put(heard('b'), NOW_MS);
    expect(shelves.put(reached('a'), NOW_MS)).toBeUndefined();
    expect(shelves.put(reached('a'), NOW_MS)).toBeUndefined();
    expect(shelves.size).toBe(2);
  });

  it('takes a change of a rumour for no new rumour, and one of a peer met for news', () => {
    const shelves = new BookShelves(4);
    for (const record of [heard('a'), heard('b'), seen('c'), seen('d')]) shelves.put(record, NOW_MS);
    const changed = heard('a', { addresses: [] });
    shelves.put(changed, NOW_MS);
    shelves.put(seen('c'), NOW_MS);
    expect(shelves.get(changed.peerId)).toBe(changed);
    const leaving = ['v', 'w', 'x'].map((name) => shelves.put(reached(name), NOW_MS));
    expect(leaving).toEqual(['a', 'b', 'd']);
    expect([shelves.put(faulty('y'), NOW_MS), shelves.put(faulty('z'), NOW_MS)]).toEqual(['v', 'c']);
  });
});
