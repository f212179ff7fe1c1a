import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../test/support/manual-clock.js';
import { Allowances } from './allowances.js';

const grantedOf = (allowances: Allowances, tries: number, key = 'a') =>
  Array.from({ length: tries }, () => allowances.take(key)).filter(Boolean).length;

describe(Allowances.name, () => {
  it('grants the burst, then the rate, to each key', () => {
    const clock = new ManualClock();
    const allowances = new Allowances(clock, { burst: 4, perSecond: 2 });
    expect(grantedOf(allowances, 9)).toBe(4);
    expect(grantedOf(allowances, 9, 'b')).toBe(4);
    clock.advance(1_000);
    expect(grantedOf(allowances, 9)).toBe(2);
    clock.advance(60_000);
    expect(grantedOf(allowances, 9)).toBe(4);
  });

  it('never refuses who stays below the rate', () => {
    const clock = new ManualClock();
    const allowances = new Allowances(clock, { burst: 400, perSecond: 100 });
    const refused = Array.from({ length: 1_000 }, () => {
      clock.advance(20);
      return allowances.take('a');
    }).filter((isGranted) => !isGranted);
    expect(refused).toEqual([]);
  });

  it('takes many at once or none', () => {
    const allowances = new Allowances(new ManualClock(), { burst: 10, perSecond: 1 });
    expect([7, 4, 3, 1].map((count) => allowances.take('a', count))).toEqual([true, false, true, false]);
  });

  it('promises turns that lie further and further ahead, up to the longest wait', () => {
    const clock = new ManualClock();
    const allowances = new Allowances(clock, { burst: 2, perSecond: 10 });
    const turns = (count: number) => Array.from({ length: count }, () => allowances.takeInTurn('a', 300));
    expect(turns(7)).toEqual([0, 0, 100, 200, 300, undefined, undefined]);
    clock.advance(100);
    expect(turns(2)).toEqual([300, undefined]);
    expect(allowances.take('a')).toBe(false);
    clock.advance(500);
    expect(turns(1)).toEqual([0]);
  });

  it('tells how long until the next one', () => {
    const clock = new ManualClock();
    const allowances = new Allowances(clock, { burst: 2, perSecond: 2 });
    expect(allowances.waitMs('a')).toBe(0);
    allowances.take('a', 2);
    expect(allowances.waitMs('a')).toBe(500);
    clock.advance(500);
    expect([allowances.waitMs('a'), allowances.waitMs('a'), allowances.take('a')]).toEqual([0, 0, true]);
  });

  it('remembers a bounded number of holders', () => {
    const allowances = new Allowances(new ManualClock(), { burst: 1, perSecond: 1 });
    expect(grantedOf(allowances, 2)).toBe(1);
    for (let n = 0; n < 4_096; n += 1) allowances.take(`other ${n}`);
    expect(grantedOf(allowances, 2)).toBe(1);
  });
});
