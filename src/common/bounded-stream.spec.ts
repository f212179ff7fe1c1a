import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { boundedStream } from './bounded-stream.js';

class StalledCall extends EventEmitter {
  readonly written: number[] = [];
  writableNeedDrain = false;

  write(message: number): boolean {
    this.written.push(message);
    return !this.writableNeedDrain;
  }

  drain(): void {
    this.writableNeedDrain = false;
    this.emit('drain');
  }
}

describe(boundedStream.name, () => {
  let call: StalledCall;
  let source: Subject<number>;
  let closing: AbortController;
  let seen: { completed: boolean; error: unknown };
  let unsubscribe: () => void;

  beforeEach(() => {
    call = new StalledCall();
    source = new Subject();
    closing = new AbortController();
    seen = { completed: false, error: undefined };
    const policy = {
      capacity: 3,
      onOverflow: (lost: number) => new Error(`lost ${lost}`),
      closing: closing.signal,
    };
    const subscription = boundedStream(call, source, policy).subscribe({
      complete: () => {
        seen.completed = true;
      },
      error: (error: unknown) => {
        seen.error = error;
      },
    });
    unsubscribe = () => subscription.unsubscribe();
  });

  const listeners = () => ['drain', 'cancelled', 'close'].map((name) => call.listenerCount(name));

  it('sends events at once to a caller that reads', () => {
    source.next(1);
    source.next(2);
    expect(call.written).toEqual([1, 2]);
  });

  it('keeps events for a slow caller and sends them in order when it reads again', () => {
    call.writableNeedDrain = true;
    source.next(1);
    source.next(2);
    expect(call.written).toEqual([]);
    call.drain();
    source.next(3);
    expect(call.written).toEqual([1, 2, 3]);
  });

  it('ends the stream of a stalled caller with the first event it misses, and forgets it', () => {
    call.writableNeedDrain = true;
    for (let i = 1; i <= 5; i++) source.next(i);
    expect(seen.error).toEqual(new Error('lost 1'));
    expect(source.observed).toBe(false);
    expect(listeners()).toEqual([0, 0, 0]);
  });

  it('completes after the last event when the source completes', () => {
    call.writableNeedDrain = true;
    source.next(1);
    source.complete();
    expect(seen.completed).toBe(false);
    call.drain();
    expect(call.written).toEqual([1]);
    expect(seen.completed).toBe(true);
  });

  it('completes with an idle source', () => {
    source.complete();
    expect(seen.completed).toBe(true);
  });

  it('passes on an error of the source', () => {
    const failure = new Error('source');
    source.error(failure);
    expect(seen.error).toBe(failure);
  });

  it.each(['cancelled', 'close'])('leaves the source when the caller is gone (%s)', (event) => {
    call.emit(event);
    expect(source.observed).toBe(false);
    expect(seen.completed).toBe(true);
  });

  it('ends with the reason when we close', () => {
    const reason = new Error('shutting down');
    closing.abort(reason);
    expect(seen.error).toBe(reason);
    expect(source.observed).toBe(false);
  });

  it('refuses to begin once we close', () => {
    const closed = AbortSignal.abort(new Error('closed'));
    let error: unknown;
    boundedStream(call, source, { capacity: 1, onOverflow: () => new Error(), closing: closed }).subscribe({
      error: (failure: unknown) => {
        error = failure;
      },
    });
    expect(error).toEqual(new Error('closed'));
  });

  it('leaves nothing behind when unsubscribed', () => {
    call.writableNeedDrain = true;
    source.next(1);
    unsubscribe();
    expect(source.observed).toBe(false);
    expect(listeners()).toEqual([0, 0, 0]);
  });
});
