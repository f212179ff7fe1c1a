import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { framed } from '../../../../../test/support/gossip-attacker.js';
import { BadFrame } from './frame-assembler.js';
import { type FrameSource, readFrames } from './read-frames.js';

/** A stream as far as it is read: pauses like the real one, which hands over at once what came meanwhile. */
class FakeStream extends EventTarget {
  readStatus = 'readable';
  status = 'open';
  pauses = 0;
  /** Then telling the peer to go on throws. */
  connectionIsClosing = false;
  #waiting: Uint8Array[] = [];

  get readBufferLength(): number {
    return this.#waiting.reduce((sum, { length }) => sum + length, 0);
  }

  receive(data: Uint8Array): void {
    if (this.readStatus === 'paused') this.#waiting.push(data);
    else this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }

  pause(): void {
    this.readStatus = 'paused';
    this.pauses += 1;
  }

  resume(): void {
    if (this.connectionIsClosing) throw new Error('Cannot write to a stream that is closing');
    this.readStatus = 'readable';
    const data = Buffer.concat(this.#waiting.splice(0));
    if (data.length > 0) this.receive(data);
  }

  async close(): Promise<void> {
    this.end('closed');
  }

  abort(_error: Error): void {
    this.end('aborted');
  }

  end(status: string): void {
    this.status = status;
    this.readStatus = 'closed';
    this.dispatchEvent(new Event('close'));
  }
}

describe(readFrames.name, () => {
  const setUp = (onFrame: (frame: string) => Promise<void> = async () => {}) => {
    const stream = new FakeStream();
    const [frames, faults] = [[] as string[], [] as unknown[]];
    readFrames(stream as unknown as FrameSource, {
      maxFrameBytes: 100,
      onFrame: async (bytes) => {
        const text = Buffer.from(bytes).toString();
        frames.push(text);
        await onFrame(text);
      },
      onFault: (fault) => faults.push(fault),
    });
    return { stream, frames, faults };
  };
  const text = (value: string) => framed(Buffer.from(value));
  const settle = async () => {
    for (let turns = 0; turns < 5; turns += 1) await turn();
  };

  it('survives that the connection closes while a frame is handled', async () => {
    let finish = () => {};
    const { stream, frames, faults } = setUp(() => new Promise((resolve) => (finish = resolve)));
    stream.receive(text('one'));
    stream.receive(text('two'));
    await settle();
    stream.connectionIsClosing = true;
    finish();
    await settle();
    finish();
    await settle();
    expect(frames).toEqual(['one', 'two']);
    expect([stream.status, faults]).toEqual(['aborted', []]);
  });

  it('handles one frame at a time, and lets the peer wait meanwhile', async () => {
    const finish: (() => void)[] = [];
    const { stream, frames } = setUp(() => new Promise((resolve) => finish.push(resolve)));
    stream.receive(Buffer.concat([text('a'), text('b')]));
    stream.receive(text('c'));
    expect(stream.readStatus).toBe('paused');
    stream.receive(text('d'));
    await settle();
    expect(frames).toEqual(['a']);
    for (const expected of [
      ['a', 'b'],
      ['a', 'b', 'c'],
      ['a', 'b', 'c', 'd'],
    ]) {
      finish.shift()?.();
      await settle();
      expect(frames).toEqual(expected);
    }
    finish.shift()?.();
    await settle();
    expect(stream.readStatus).toBe('readable');
    stream.receive(text('e'));
    await settle();
    expect(frames.at(-1)).toBe('e');
  });

  it('does not pause a stream whose frames are handled as they come', async () => {
    const { stream, frames } = setUp();
    for (const value of ['a', 'b', 'c']) {
      stream.receive(text(value));
      await settle();
    }
    expect(frames).toEqual(['a', 'b', 'c']);
    expect(stream.pauses).toBe(0);
  });

  it('resets the stream at a bad frame, after those before it', async () => {
    const { stream, frames, faults } = setUp();
    stream.receive(Buffer.concat([text('a'), framed(Buffer.alloc(0), 101), text('b')]));
    await settle();
    expect(frames).toEqual(['a']);
    expect(faults).toEqual([expect.any(BadFrame)]);
    expect(stream.status).toBe('aborted');
  });

  it('resets the stream when a frame cannot be handled', async () => {
    const failure = new Error('no');
    const { stream, frames, faults } = setUp(() => Promise.reject(failure));
    stream.receive(Buffer.concat([text('a'), text('b')]));
    await settle();
    expect({ frames, faults, status: stream.status }).toEqual({
      frames: ['a'],
      faults: [failure],
      status: 'aborted',
    });
  });

  it('forgets what waits when the stream closes', async () => {
    const finish: (() => void)[] = [];
    const { stream, frames, faults } = setUp(() => new Promise((resolve) => finish.push(resolve)));
    stream.receive(Buffer.concat([text('a'), text('b')]));
    stream.end('reset');
    finish.shift()?.();
    stream.receive(text('c'));
    await settle();
    expect({ frames, faults }).toEqual({ frames: ['a'], faults: [] });
  });

  it('closes our half when the peer closed its own and all is read', async () => {
    const finish: (() => void)[] = [];
    const { stream, frames } = setUp(() => new Promise((resolve) => finish.push(resolve)));
    stream.receive(text('a'));
    stream.dispatchEvent(new Event('remoteCloseWrite'));
    await settle();
    expect(stream.status).toBe('open');
    finish.shift()?.();
    await settle();
    expect({ frames, status: stream.status }).toEqual({ frames: ['a'], status: 'closed' });
  });
});
