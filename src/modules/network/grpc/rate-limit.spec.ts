import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { RateLimit } from './rate-limit.js';

describe('RateLimit', () => {
  it('allows a burst, then what time earns, and never saves up more than a burst', () => {
    const clock = new ManualClock();
    const limit = new RateLimit(clock, { burst: 10, perSecond: 2 });
    expect([limit.spend(10), limit.spend(1)]).toEqual([true, false]);
    clock.advance(1_000);
    expect([limit.spend(1), limit.spend(1)]).toEqual([true, false]);
    clock.advance(3_600_000);
    expect([limit.spend(10), limit.spend(1)]).toEqual([true, false]);
  });
});
