import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { RateMeter } from './rate-meter.js';

describe(RateMeter.name, () => {
  const setUp = () => {
    const clock = new ManualClock();
    const meter = new RateMeter(clock);
    const run = (perSecond: number, seconds: number) => {
      for (let tenth = 0; tenth < seconds * 10; tenth++) {
        clock.advance(100);
        meter.add(perSecond / 10);
      }
    };
    return { meter, run };
  };

  it('knows nothing before a second has passed', () => {
    const { meter, run } = setUp();
    run(100, 0.9);
    expect(meter.perSecond).toBeUndefined();
    run(100, 0.1);
    expect(meter.perSecond).toBeCloseTo(100);
  });

  it('follows a change over some seconds', () => {
    const { meter, run } = setUp();
    run(100, 20);
    run(200, 5);
    expect(meter.perSecond).toBeGreaterThan(130);
    expect(meter.perSecond).toBeLessThan(150);
    run(200, 60);
    expect(meter.perSecond).toBeCloseTo(200, 0);
  });

  it('forgets when it is reset', () => {
    const { meter, run } = setUp();
    run(100, 5);
    meter.reset();
    expect(meter.perSecond).toBeUndefined();
    run(30, 1);
    expect(meter.perSecond).toBeCloseTo(30);
  });
});
