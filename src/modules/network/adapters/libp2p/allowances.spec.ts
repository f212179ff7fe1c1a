import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../../test/support/manual-clock.js';
import { Allowances } from './allowances.js';

const grantedOf = (allowances: Allowances, tries: number, key = 'a') =>
  Array.from({ length: tries }, () => allowances.take(key)).filter(Boolean).length;

describe(Allowances.name, () => {
  it('grants the burst, then the rate, to each key', async () => {
    const clock = new ManualClock();
    const allowances = new Allowances(clock, { burst: 4, perSecond: 2 });
    expect(grantedOf(allowances, 9)).toBe(4);
    expect(grantedOf(allowances, 9, 'b')).toBe(4);
    await clock.advance(1_000);
    expect(grantedOf(allowances, 9)).toBe(2);
    await clock.advance(60_000);
    expect(grantedOf(allowances, 9)).toBe(4);
  });

  it('never refuses who stays below the rate', async () => {
    const clock = new ManualClock();
    const allowances = new Allowances(clock, { burst: 400, perSecond: 100 });
    for (let n = 0; n < 1_000; n += 1) {
      expect(allowances.take('a')).toBe(true);
      await clock.advance(20);
    }
  });
});
