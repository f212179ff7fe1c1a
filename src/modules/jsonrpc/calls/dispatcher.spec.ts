import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import type { JsonRpcMetrics } from '../jsonrpc.metrics.js';
import { Dispatcher } from './dispatcher.js';
import { Load } from './load.js';
import type { Method } from './method.js';

const MEBIBYTE = 1_048_576;

function under(methods: Record<string, Method>, load = new Load({ maxRequests: 1 })) {
  const calls: [string, number][] = [];
  const metrics: Partial<JsonRpcMetrics> = {
    callFinished: (method, code) => calls.push([method, code]),
    refused: () => {},
  };
  const dispatcher = new Dispatcher({
    methods: new Map(Object.entries(methods)),
    batchLimit: 10,
    clock: new ManualClock(),
    metrics: metrics as JsonRpcMetrics,
    log: new RecordingLogger(),
  });
  const caller = { load: load.of(undefined), isGone: false, subscriptions: undefined };
  const answer = async (value: unknown) =>
    JSON.parse(await dispatcher.answer(JSON.stringify(value), caller)) as unknown;
  return { answer, calls, caller };
}

describe(Dispatcher.name, () => {
  it('counts calls by name and number; names of others are one', async () => {
    const { answer, calls } = under({ a: () => 1 });
    await answer([{ method: 'a' }, { method: 'b' }, { method: 'a', params: {} }]);
    expect(calls).toEqual([
      ['a', 0],
      ['other', -32_601],
      ['a', -32_602],
    ]);
  });

  it('answers null for what is not there', async () => {
    const { answer } = under({ a: () => undefined });
    expect(await answer({ id: 1, method: 'a' })).toEqual({ jsonrpc: '2.0', id: 1, result: null });
  });

  it('turns away what is too much at a time, and goes on after it', async () => {
    let release: (value: string) => void = () => {};
    const { answer } = under({
      slow: () =>
        new Promise<string>((resolve) => {
          release = resolve;
        }),
      fast: () => 'fast',
    });
    const slow = answer({ id: 1, method: 'slow' });
    const error = { code: -32_005, message: 'request limit exceeded' };
    expect(await answer({ id: 2, method: 'fast' })).toEqual({ jsonrpc: '2.0', id: 2, error });
    expect(await answer([{ id: 'a', method: 'fast' }, { method: 'fast' }])).toEqual([
      { jsonrpc: '2.0', id: 'a', error },
      { jsonrpc: '2.0', error },
    ]);
    expect(await answer(5)).toMatchObject({ error: { code: -32_600 } });
    release('slow');
    expect(await slow).toMatchObject({ result: 'slow' });
    expect(await answer({ id: 3, method: 'fast' })).toMatchObject({ result: 'fast' });
  });

  it('turns requests away while too many bytes are held', async () => {
    const load = new Load({ maxRequests: 5, maxBytes: 100 });
    const { answer } = under({ a: () => 1 }, load);
    const release = load.of(undefined).holding(100);
    expect(await answer({ method: 'a' })).toMatchObject({ error: { code: -32_005 } });
    release();
    expect(await answer({ id: 1, method: 'a' })).toMatchObject({ result: 1 });
  });

  it('stops a batch whose caller is gone', async () => {
    const { answer, calls, caller } = under({
      last: () => {
        caller.isGone = true;
      },
      never: () => 1,
    });
    await answer([
      { id: 1, method: 'last' },
      { id: 2, method: 'never' },
    ]);
    expect(calls).toEqual([['last', 0]]);
  });

  it('a batch whose replies are too large ends in errors', async () => {
    const { answer, calls } = under({ large: () => 'x'.repeat(3 * MEBIBYTE) });
    const replies = await answer([1, 2, 3, 4].map((id) => ({ id, method: 'large' })));
    expect(replies).toEqual([
      expect.objectContaining({ id: 1, result: expect.any(String) }),
      expect.objectContaining({ id: 2, result: expect.any(String) }),
      expect.objectContaining({ id: 3, error: expect.objectContaining({ code: -32_005 }) }),
      expect.objectContaining({ id: 4, error: expect.objectContaining({ code: -32_005 }) }),
    ]);
    expect(calls).toHaveLength(2);
  });
});
