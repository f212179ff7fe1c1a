import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { WakeUp } from './wake-up.js';

const asleep = async (sleep: Promise<void>) => {
  let awake = false;
  const done = sleep.then(() => {
    awake = true;
  });
  await new Promise<void>((resolve) => setImmediate(resolve));
  return { done, isAwake: () => awake };
};

describe(WakeUp.name, () => {
  it('sleeps until it is called, and again after that', async () => {
    const wakeUp = new WakeUp(new ManualClock());
    const { signal } = new AbortController();
    for (let i = 0; i < 2; i++) {
      const { done, isAwake } = await asleep(wakeUp.sleep(undefined, signal));
      expect(isAwake()).toBe(false);
      wakeUp.call();
      await done;
    }
  });

  it('does not lose a call that comes while awake; several count once', async () => {
    const wakeUp = new WakeUp(new ManualClock());
    const { signal } = new AbortController();
    wakeUp.call();
    wakeUp.call();
    await wakeUp.sleep(undefined, signal);
    const { done, isAwake } = await asleep(wakeUp.sleep(undefined, signal));
    expect(isAwake()).toBe(false);
    wakeUp.call();
    await done;
  });

  it('wakes after the time', async () => {
    const clock = new ManualClock();
    const sleep = new WakeUp(clock).sleep(500, new AbortController().signal);
    const { done, isAwake } = await asleep(sleep);
    clock.advance(499);
    expect(isAwake()).toBe(false);
    clock.advance(1);
    await done;
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaves no timer when called first', async () => {
    const clock = new ManualClock();
    const wakeUp = new WakeUp(clock);
    const sleep = wakeUp.sleep(500, new AbortController().signal);
    wakeUp.call();
    await sleep;
    expect(clock.pendingTimers).toBe(0);
  });

  it('wakes when the signal aborts, and does not sleep after that', async () => {
    const clock = new ManualClock();
    const wakeUp = new WakeUp(clock);
    const controller = new AbortController();
    const sleep = wakeUp.sleep(500, controller.signal);
    controller.abort();
    await sleep;
    await wakeUp.sleep(500, controller.signal);
    expect(clock.pendingTimers).toBe(0);
  });
});
