import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { StandingStreams } from './standing-streams.js';

const error = new Error('no more');

describe(StandingStreams.name, () => {
  const clock = new ManualClock();
  const sut = new StandingStreams(clock);

  it('ends those whose callers may no more, and leaves the others', () => {
    let isAllowed = true;
    const gone = sut.open(() => {
      if (!isAllowed) throw error;
    });
    const kept = sut.open(() => undefined);
    clock.advance(10_000);
    expect([gone.revoked.aborted, kept.revoked.aborted]).toEqual([false, false]);
    isAllowed = false;
    clock.advance(2_000);
    expect([gone.revoked.reason, kept.revoked.aborted]).toEqual([error, false]);
    gone.close();
    kept.close();
  });

  it('asks nothing of a stream that is over, and keeps no timer without one', () => {
    const asked: string[] = [];
    const [first, second] = ['first', 'second'].map((name) => sut.open(() => void asked.push(name)));
    first?.close();
    clock.advance(2_000);
    expect(asked).toEqual(['second']);
    second?.close();
    second?.close();
    expect(clock.pendingTimers).toBe(0);
    sut.open(() => void asked.push('third')).revoked.throwIfAborted();
    clock.advance(2_000);
    expect(asked).toEqual(['second', 'third']);
  });
});
