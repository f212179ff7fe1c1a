import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { Backoff } from '../../common/backoff.js';
import type { Random } from '../../common/random.js';
import { SkipList } from './skip-list.js';

const random = (below: (limit: number) => number): Random => ({ bytes: () => new Uint8Array(), below });
const limits = { baseMs: 1_000, maxMs: 60_000 };
const longest = new Backoff(
  limits,
  random((limit) => limit - 1),
);

describe(SkipList.name, () => {
  it('skips a peer until its time is over', () => {
    const clock = new ManualClock();
    const list = new SkipList(longest, clock);
    expect(list.has('a')).toBe(false);
    expect(list.remainingMs('a')).toBe(0);
    list.skip('a');
    clock.advance(400);
    expect(list.has('a')).toBe(true);
    expect(list.has('b')).toBe(false);
    expect(list.remainingMs('a')).toBe(600);
    clock.advance(600);
    expect(list.has('a')).toBe(false);
    expect(list.remainingMs('a')).toBe(0);
  });

  it('skips longer each time, also after the last time is over, until the peer is forgiven', () => {
    const clock = new ManualClock();
    const list = new SkipList(longest, clock);
    list.skip('a');
    clock.advance(5_000);
    expect(list.strikes('a')).toBe(1);
    list.skip('a');
    expect(list.strikes('a')).toBe(2);
    expect(list.remainingMs('a')).toBe(2_000);
    list.forgive('a');
    expect(list.strikes('a')).toBe(0);
    expect(list.has('a')).toBe(false);
    list.skip('a');
    expect(list.remainingMs('a')).toBe(1_000);
  });

  it('forgets the oldest failure when a thousand identities failed', () => {
    const list = new SkipList(longest, new ManualClock());
    for (let i = 0; i < 1_024; i++) list.skip(`peer${i}`);
    list.skip('peer0');
    expect(list.strikes('peer1')).toBe(1);
    list.skip('one more');
    expect(list.strikes('peer0')).toBe(2);
    expect(list.strikes('peer1')).toBe(0);
    expect(list.strikes('peer2')).toBe(1);
  });
});
