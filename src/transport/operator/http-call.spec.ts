import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { NEVER, type Observable, Subject } from 'rxjs';
import { boundedStream } from '../../common/bounded-stream.js';
import { pullStream } from '../../common/pull-stream.js';
import { type HttpCall, streamedBy } from './http-call.js';

const signalOf = () => new AbortController();

/** All that comes, and what it ended with. */
async function drained(messages: AsyncIterable<unknown>) {
  const seen: unknown[] = [];
  try {
    for await (const message of messages) seen.push(message);
    return { seen, error: undefined };
  } catch (error) {
    return { seen, error };
  }
}

describe(streamedBy.name, () => {
  it('gives bulk data in order, and asks for no more than the reader takes', async () => {
    let made = 0;
    async function* batches() {
      for (; made < 100; ) yield [made++];
    }
    const stream = streamedBy(async (call) => pullStream(call, batches), signalOf().signal);
    expect((await stream.next()).value).toBe(0);
    await turn();
    await turn();
    expect(made).toBeLessThan(6);
    expect((await drained(stream)).seen).toEqual(Array.from({ length: 99 }, (_, at) => at + 1));
  });

  it('a reader that stalls is ended with the error of its own, after what it was sent', async () => {
    const source$ = new Subject<number>();
    const overflow = new Error('too slow');
    const handle = async (call: HttpCall) =>
      boundedStream(call, source$, {
        capacity: 4,
        onOverflow: () => overflow,
        closing: signalOf().signal,
      });
    const stream = streamedBy(handle, signalOf().signal);
    const first = stream.next();
    await turn();
    for (let event = 0; event < 20; event++) source$.next(event);
    expect((await first).value).toBe(0);
    const { seen, error } = await drained(stream);
    expect(error).toBe(overflow);
    expect(seen.length).toBeLessThan(4);
    expect(source$.observed).toBe(false);
  });

  it('a reader that keeps up loses nothing', async () => {
    const source$ = new Subject<number>();
    const policy = { capacity: 64, onOverflow: () => new Error('too slow'), closing: signalOf().signal };
    const handle = async (call: HttpCall) => boundedStream(call, source$, policy);
    const all = drained(streamedBy(handle, signalOf().signal));
    await turn();
    for (let event = 0; event < 50; event++) source$.next(event);
    source$.complete();
    expect(await all).toEqual({ seen: Array.from({ length: 50 }, (_, at) => at), error: undefined });
  });

  it('a caller that is gone ends the handler, also between messages', async () => {
    const caller = signalOf();
    const source$ = new Subject<number>();
    const policy = { capacity: 4, onOverflow: () => new Error(), closing: signalOf().signal };
    const all = drained(streamedBy(async (call) => boundedStream(call, source$, policy), caller.signal));
    await turn();
    expect(source$.observed).toBe(true);
    const reason = new Error('gone');
    caller.abort(reason);
    expect(await all).toEqual({ seen: [], error: reason });
    expect(source$.observed).toBe(false);
  });

  it('a reader that stops early ends the handler', async () => {
    const source$ = new Subject<number>();
    const policy = { capacity: 4, onOverflow: () => new Error(), closing: signalOf().signal };
    const stream = streamedBy(async (call) => boundedStream(call, source$, policy), signalOf().signal);
    const first = stream.next();
    await turn();
    source$.next(1);
    await first;
    await stream.return(undefined);
    expect(source$.observed).toBe(false);
  });

  it('a handler that refuses is not subscribed to', async () => {
    const refusal = new Error('refused');
    const refused = async (): Promise<Observable<unknown>> => Promise.reject(refusal);
    expect(await drained(streamedBy(refused, signalOf().signal))).toEqual({ seen: [], error: refusal });
    const aborted = AbortSignal.abort(refusal);
    expect(await drained(streamedBy(async () => NEVER, aborted))).toEqual({ seen: [], error: refusal });
  });
});
