import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { pullStream } from './pull-stream.js';

class FakeCall extends EventEmitter {
  readonly written: number[] = [];
  writableNeedDrain = false;

  constructor(private readonly room: number) {
    super();
  }

  write(message: number): boolean {
    this.written.push(message);
    this.writableNeedDrain = this.written.length % this.room === 0;
    return !this.writableNeedDrain;
  }

  drain(): void {
    this.writableNeedDrain = false;
    this.emit('drain');
  }
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

const outcome = (call: FakeCall, source: (signal: AbortSignal) => AsyncIterable<readonly number[]>) => {
  const seen: { completed: boolean; error: unknown } = { completed: false, error: undefined };
  const subscription = pullStream(call, source).subscribe({
    complete: () => {
      seen.completed = true;
    },
    error: (error: unknown) => {
      seen.error = error;
    },
  });
  return { seen, subscription };
};

describe(pullStream.name, () => {
  it('sends every message in order and completes', async () => {
    const call = new FakeCall(100);
    const { seen } = outcome(call, async function* () {
      yield [1, 2];
      yield [];
      yield [3];
    });
    await settle();
    expect(call.written).toEqual([1, 2, 3]);
    expect(seen).toEqual({ completed: true, error: undefined });
  });

  it('asks for nothing while the caller does not read, and goes on when it does', async () => {
    const call = new FakeCall(2);
    let produced = 0;
    const { seen } = outcome(call, async function* () {
      for (; produced < 6; produced++) yield [produced];
    });
    await settle();
    expect(call.written).toEqual([0, 1]);
    expect(produced).toBe(1);
    call.drain();
    await settle();
    expect(call.written).toEqual([0, 1, 2, 3]);
    call.drain();
    await settle();
    call.drain();
    await settle();
    expect(seen.completed).toBe(true);
  });

  it('stops its source when the caller cancels while stalled', async () => {
    const call = new FakeCall(1);
    let ended = false;
    const { seen } = outcome(call, async function* (signal) {
      try {
        for (let i = 0; !signal.aborted; i++) yield [i, i + 1];
      } finally {
        ended = true;
      }
    });
    await settle();
    call.emit('cancelled');
    await settle();
    expect(ended).toBe(true);
    expect(call.written).toEqual([0]);
    expect(seen.completed).toBe(true);
  });

  it('stops its source when unsubscribed', async () => {
    const call = new FakeCall(1);
    let aborted = false;
    const { subscription } = outcome(call, async function* (signal) {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      yield [1];
      yield [2];
    });
    await settle();
    subscription.unsubscribe();
    await settle();
    expect(aborted).toBe(true);
    expect(call.listenerCount('drain') + call.listenerCount('cancelled') + call.listenerCount('close')).toBe(
      0,
    );
  });

  it('fails with what the source threw', async () => {
    const failure = new Error('store');
    // biome-ignore lint/correctness/useYield: the source fails before its first batch
    const { seen } = outcome(new FakeCall(1), async function* () {
      throw failure;
    });
    await settle();
    expect(seen).toEqual({ completed: false, error: failure });
  });

  it('follows the signal of a call that has one', async () => {
    const controller = new AbortController();
    const call = Object.assign(new FakeCall(1), { signal: controller.signal });
    let ended = false;
    const { seen } = outcome(call, async function* () {
      try {
        for (let i = 0; ; i++) yield [i];
      } finally {
        ended = true;
      }
    });
    await settle();
    controller.abort();
    await settle();
    expect(ended).toBe(true);
    expect(seen.completed).toBe(true);
  });

  it('sends nothing to a call that is over before it begins', async () => {
    const call = Object.assign(new FakeCall(1), { cancelled: true });
    const { seen } = outcome(call, async function* () {
      yield [1];
    });
    await settle();
    expect(call.written).toEqual([]);
    expect(seen.completed).toBe(true);
  });
});
