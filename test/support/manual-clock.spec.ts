import { describe, expect, it } from '@jest/globals';
import { delay } from '../../src/common/clock.js';
import { ManualClock } from './manual-clock.js';

describe('ManualClock', () => {
  it('stands still until it is moved, and moves both times together', () => {
    const clock = new ManualClock(5_000);
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([5_000, 0]);
    clock.advance(250);
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([5_250, 250]);
  });

  it('runs due timers by time, then by the order they were set', () => {
    const clock = new ManualClock();
    const ran: string[] = [];
    clock.setTimeout(() => ran.push(`late@${clock.monotonicMs()}`), 30);
    clock.setTimeout(() => ran.push(`first@${clock.monotonicMs()}`), 10);
    clock.setTimeout(() => ran.push(`second@${clock.monotonicMs()}`), 10);
    clock.setTimeout(() => ran.push('not yet'), 31);
    clock.advance(9);
    expect(ran).toEqual([]);
    clock.advance(21);
    expect(ran).toEqual(['first@10', 'second@10', 'late@30']);
    expect(clock.pendingTimers).toBe(1);
  });

  it('runs timers that timers set within the same move', () => {
    const clock = new ManualClock();
    const ran: number[] = [];
    const tick = () => {
      ran.push(clock.monotonicMs());
      clock.setTimeout(tick, 10);
    };
    clock.setTimeout(tick, 10);
    clock.advance(35);
    expect(ran).toEqual([10, 20, 30]);
    expect(clock.monotonicMs()).toBe(35);
  });

  it('does not run a cancelled timer', () => {
    const clock = new ManualClock();
    const ran: string[] = [];
    const cancel = clock.setTimeout(() => ran.push('cancelled'), 10);
    clock.setTimeout(() => cancel(), 5);
    clock.advance(20);
    cancel();
    expect(ran).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('takes a delay below zero for zero and never goes back', () => {
    const clock = new ManualClock();
    clock.advance(100);
    const ran: number[] = [];
    clock.setTimeout(() => ran.push(clock.monotonicMs()), -50);
    clock.advance(0);
    expect(ran).toEqual([100]);
  });

  it('lets promises between timers settle when moved asynchronously', async () => {
    const clock = new ManualClock();
    const { signal } = new AbortController();
    const ran: number[] = [];
    const loop = (async () => {
      for (let i = 0; i < 3; i += 1) {
        await delay(clock, 10, signal);
        ran.push(clock.monotonicMs());
      }
    })();
    await clock.advanceAsync(30);
    await loop;
    expect(ran).toEqual([10, 20, 30]);
    expect(clock.pendingTimers).toBe(0);
  });
});
