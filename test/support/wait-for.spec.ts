import { describe, expect, it } from '@jest/globals';
import { BehaviorSubject, Subject } from 'rxjs';
import { waitFor } from './wait-for.js';

describe(waitFor.name, () => {
  it('resolves with the first event that fits and leaves the stream', async () => {
    const events = new Subject<number>();
    const found = waitFor(events, (event) => event > 1);
    events.next(1);
    events.next(2);
    await expect(found).resolves.toBe(2);
    expect(events.observed).toBe(false);
  });

  it('takes a replayed value', async () => {
    const state = new BehaviorSubject(5);
    await expect(waitFor(state, (value) => value === 5)).resolves.toBe(5);
    expect(state.observed).toBe(false);
  });

  it('tells what it saw when the time is over', async () => {
    const events = new Subject<string>();
    const found = waitFor(events, () => false, { timeoutMs: 10 });
    events.next('peer:disconnected');
    await expect(found).rejects.toThrow('peer:disconnected');
    expect(events.observed).toBe(false);
  });

  it('fails when the stream ends', async () => {
    const events = new Subject<number>();
    const found = waitFor(events, () => false);
    events.complete();
    await expect(found).rejects.toThrow('completed');
    const failed = new Subject<number>();
    const failing = waitFor(failed, () => false);
    failed.error(new Error('broken'));
    await expect(failing).rejects.toThrow('broken');
  });
});
