import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../test/support/manual-clock.js';
import { FairAllowances } from './fair-allowances.js';

const DEFAULTS = { perSecond: 100, burst: 400, totalPerSecond: 1_000, totalBurst: 4_000 };

describe(FairAllowances.name, () => {
  const setUp = (options = DEFAULTS) => {
    const clock = new ManualClock();
    return { clock, allowances: new FairAllowances(clock, options) };
  };

  it('gives a neighbour its burst at once and then its rate', () => {
    const { clock, allowances } = setUp();
    const taken = () =>
      Array.from({ length: 500 }, () => allowances.take('a')).filter((no) => no === undefined);
    expect(taken()).toHaveLength(400);
    expect(allowances.take('a')).toBe('neighbour-rate');
    expect(allowances.take('b')).toBeUndefined();
    clock.advance(1_000);
    expect(taken()).toHaveLength(100);
    clock.advance(60_000);
    expect(taken()).toHaveLength(400);
  });

  it('charges what it costs, at most a full bucket', () => {
    const { clock, allowances } = setUp({ perSecond: 1, burst: 10, totalPerSecond: 10, totalBurst: 100 });
    expect(allowances.take('a', 8)).toBeUndefined();
    expect(allowances.take('a', 3)).toBe('neighbour-rate');
    expect(allowances.take('a', 2)).toBeUndefined();
    expect(allowances.take('b', 1_000)).toBeUndefined();
    clock.advance(9_000);
    expect(allowances.take('b', 1_000)).toBe('neighbour-rate');
    clock.advance(1_000);
    expect(allowances.take('b', 1_000)).toBeUndefined();
  });

  it('does not charge all neighbours for what costs nobody else', () => {
    const { allowances } = setUp({ perSecond: 1, burst: 100, totalPerSecond: 1, totalBurst: 2 });
    for (let n = 0; n < 50; n += 1) expect(allowances.take('a', 1, false)).toBeUndefined();
    expect(allowances.take('a')).toBeUndefined();
  });

  /** `seconds` of neighbours that each send evenly; what each got through, and for what the others were refused. */
  const played = (rates: Record<string, number>, seconds: number) => {
    const { clock, allowances } = setUp();
    const heard = new Map(Object.keys(rates).map((name) => [name, 0]));
    const refused = new Set<string>();
    const owed = new Map<string, number>();
    for (let ms = 0; ms < seconds * 1_000; ms += 10) {
      for (const [name, rate] of Object.entries(rates)) {
        let due = (owed.get(name) ?? 0) + rate / 100;
        for (; due > 0.999; due -= 1) {
          const refusal = allowances.take(name);
          if (refusal === undefined) heard.set(name, (heard.get(name) ?? 0) + 1);
          else refused.add(`${name}: ${refusal}`);
        }
        owed.set(name, due);
      }
      clock.advance(10);
    }
    return { heard, refused, total: [...heard.values()].reduce((sum, count) => sum + count, 0) };
  };
  const hostile = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`hostile-${n}`, 100]));

  it.each([5, 20, 60])(
    'hears all of an honest neighbour of %i a second among 40 that send 100 each',
    (rate) => {
      const { heard, refused, total } = played({ ...hostile, honest: rate }, 30);
      expect(heard.get('honest')).toBe(rate * 30);
      expect([...refused].filter((refusal) => refusal.startsWith('honest'))).toEqual([]);
      expect(refused).toContain('hostile-39: total-rate');
      // Nothing more than was promised gets through, and what the honest one leaves is used.
      expect(total).toBeLessThanOrEqual(30 * 1_000 + 4_000);
      expect(total).toBeGreaterThan(30 * 1_000);
    },
  );

  it('shares out equally among equals', () => {
    const { heard } = played(hostile, 30);
    const counts = [...heard.values()];
    expect(Math.min(...counts)).toBeGreaterThan(0.5 * Math.max(...counts));
  });

  it('refuses nobody while there is enough for all', () => {
    const { refused } = played({ a: 90, b: 90, c: 90 }, 10);
    expect([...refused]).toEqual([]);
  });

  it('refuses even the quiet when the common bucket is empty', () => {
    const { allowances } = setUp({ perSecond: 1, burst: 10, totalPerSecond: 10, totalBurst: 3 });
    const names = ['a', 'b', 'c', 'd'];
    expect(names.map((name) => allowances.take(name))).toEqual([
      undefined,
      undefined,
      undefined,
      'total-rate',
    ]);
  });

  it('forgets those that are quiet, and never more than 4,096 are remembered', () => {
    const { clock, allowances } = setUp();
    for (let n = 0; n < 5_000; n += 1) allowances.take(`peer-${n}`, 1, false);
    expect(allowances.active).toBe(4_096);
    clock.advance(10_000);
    allowances.take('a');
    expect(allowances.active).toBe(1);
  });
});
