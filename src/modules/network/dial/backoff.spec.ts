import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import type { Random } from '../../../common/random.js';
import type { PeerId } from '../ports/types.js';
import { DialBackoff } from './backoff.js';

const highest: Random = { bytes: (length) => new Uint8Array(length), below: (limit) => limit - 1 };
const limits = { baseMs: 1_000, maxMs: 20_000, capacity: 3 };
const peer = (name: string) => name as PeerId;

describe(DialBackoff.name, () => {
  it('lets unknown peers through', () => {
    expect(new DialBackoff(limits, new ManualClock(), highest).waitMs(peer('a'))).toBe(0);
  });

  it('waits longer with each failure in a row, and from then on', () => {
    const clock = new ManualClock();
    const backoff = new DialBackoff(limits, clock, highest);
    backoff.failed(peer('a'));
    clock.advance(400);
    expect(backoff.waitMs(peer('a'))).toBe(600);
    clock.advance(700);
    expect(backoff.waitMs(peer('a'))).toBe(0);
    backoff.failed(peer('a'));
    expect(backoff.waitMs(peer('a'))).toBe(2_000);
  });

  it('starts over after a success', () => {
    const backoff = new DialBackoff(limits, new ManualClock(), highest);
    backoff.failed(peer('a'));
    backoff.failed(peer('a'));
    backoff.succeeded(peer('a'));
    expect(backoff.waitMs(peer('a'))).toBe(0);
    backoff.failed(peer('a'));
    expect(backoff.waitMs(peer('a'))).toBe(1_000);
  });

  it('remembers no more than its capacity, the latest ones', () => {
    const backoff = new DialBackoff(limits, new ManualClock(), highest);
    for (const name of ['a', 'b', 'c', 'a', 'd']) backoff.failed(peer(name));
    expect(['a', 'b', 'c', 'd'].map((name) => backoff.waitMs(peer(name)))).toEqual([2_000, 0, 1_000, 1_000]);
  });
});
