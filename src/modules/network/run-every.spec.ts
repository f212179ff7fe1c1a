import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { SilentLogger } from '../../common/logger.port.js';
import { runEvery } from './run-every.js';

function loop(clock: ManualClock, stop: AbortController) {
  return { clock, intervalMs: 100, signal: stop.signal, log: new SilentLogger() };
}

describe(runEvery.name, () => {
  it('runs after each interval, the wait beginning when a run ends', async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const runs: number[] = [];
    const done = runEvery(loop(clock, stop), async () => {
      runs.push(clock.monotonicMs());
      if (runs.length === 1) await new Promise<void>((resolve) => clock.setTimeout(resolve, 30));
    });
    await clock.advanceAsync(340);
    expect(runs).toEqual([100, 230, 330]);
    stop.abort();
    await done;
    expect(clock.pendingTimers).toBe(0);
  });

  it('goes on after a failure', async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    let runs = 0;
    void runEvery(loop(clock, stop), () => {
      runs++;
      throw new Error('once more');
    });
    await clock.advanceAsync(300);
    expect(runs).toBe(3);
    stop.abort();
  });

  it('does nothing under an aborted signal', async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    stop.abort();
    await runEvery(loop(clock, stop), () => expect(true).toBe(false));
    expect(clock.pendingTimers).toBe(0);
  });
});
