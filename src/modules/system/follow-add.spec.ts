import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { of, Subject } from 'rxjs';
import { ManualClock } from '../../../test/support/manual-clock.js';
import type { AddProgress } from '../network/index.js';
import { followAdd } from './follow-add.js';

const rig = (timeoutMs: number) => {
  const clock = new ManualClock();
  const progress$ = new Subject<AddProgress>();
  const call = new EventEmitter();
  const closing = new AbortController();
  const followed = followAdd(progress$, { clock, timeoutMs, call, closing: closing.signal });
  return { clock, progress$, call, closing, followed };
};

/** Nothing is left that waits. */
const expectClean = ({ clock, progress$, call }: ReturnType<typeof rig>) => {
  expect(clock.pendingTimers).toBe(0);
  expect(progress$.observed).toBe(false);
  expect(call.eventNames()).toEqual([]);
};

describe(followAdd.name, () => {
  it('gives the first stage at once when nobody waits', async () => {
    const { signal } = new AbortController();
    const options = { clock: new ManualClock(), timeoutMs: 0, call: new EventEmitter(), closing: signal };
    expect(await followAdd(of({ stage: 'queued' }), options)).toEqual({
      progress: { stage: 'queued' },
      isOver: false,
    });
    expect(await followAdd(of<AddProgress[]>({ stage: 'queued' }, { stage: 'connected' }), options)).toEqual({
      progress: { stage: 'connected' },
      isOver: true,
    });
  });

  it('waits for the end', async () => {
    const given = rig(1_000);
    given.progress$.next({ stage: 'dialing' });
    given.progress$.next({ stage: 'connected' });
    expect(await given.followed).toEqual({ progress: { stage: 'connected' }, isOver: true });
    expectClean(given);
  });

  it('gives what was reached when the time is over', async () => {
    const given = rig(1_000);
    given.progress$.next({ stage: 'handshake' });
    given.clock.advance(1_000);
    expect(await given.followed).toEqual({ progress: { stage: 'handshake' }, isOver: false });
    expectClean(given);
  });

  it.each(['cancelled', 'close'])('ends with the call: %s', async (event) => {
    const given = rig(1_000);
    given.call.emit(event);
    expect(await given.followed).toMatchObject({ isOver: false });
    expectClean(given);
  });

  it('ends with the port', async () => {
    const given = rig(1_000);
    given.closing.abort(new Error('closing'));
    await expect(given.followed).rejects.toThrow('closing');
    expectClean(given);
    const late = { ...given, timeoutMs: 1, closing: given.closing.signal };
    await expect(followAdd(given.progress$, late)).rejects.toThrow('closing');
  });
});
