import { setImmediate as macrotask } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { FakeByteStream } from '../../../../../test/support/fake-byte-stream.js';
import { type ByteStream, StreamDuplex } from './stream-duplex.js';

const KIB = 1024;

function make(prepare: (stream: FakeByteStream) => void = () => {}) {
  const stream = new FakeByteStream();
  prepare(stream);
  const duplex = new StreamDuplex(stream as unknown as ByteStream);
  const errors: Error[] = [];
  duplex.on('error', (error) => errors.push(error));
  return { stream, duplex, errors };
}

describe('StreamDuplex writing', () => {
  const totalOf = ({ sent }: FakeByteStream) => sent.reduce((sum, { length }) => sum + length, 0);

  it('sends the first small write at once and the rest of the burst together', async () => {
    const { stream, duplex } = make();
    for (let n = 0; n < 100; n += 1) duplex.write(Buffer.alloc(1_000, n));
    expect(stream.sent.map(({ length }) => length)).toEqual([1_000]);
    await macrotask();
    expect(totalOf(stream)).toBe(100_000);
    expect(stream.sent).toHaveLength(3);
    expect(Buffer.concat(stream.sent).every((byte, at) => byte === Math.floor(at / 1_000))).toBe(true);
  });

  it('cuts a large write so that each piece fills one Noise message', async () => {
    const { stream, duplex } = make();
    duplex.write(Buffer.alloc(1024 * KIB));
    await macrotask();
    expect(Math.max(...stream.sent.map(({ length }) => length)) + 12 + 16).toBe(65_535);
    expect(totalOf(stream)).toBe(1024 * KIB);
  });

  it('waits for a drain that really made room', async () => {
    const { stream, duplex } = make((fake) => {
      fake.onSend = () => {
        fake.writableNeedsDrain = true;
      };
    });
    let done = false;
    duplex.write(Buffer.alloc(100 * KIB), () => {
      done = true;
    });
    expect(stream.sent).toHaveLength(1);
    stream.drain();
    await macrotask();
    expect(stream.sent).toHaveLength(1);
    stream.writableNeedsDrain = false;
    stream.drain();
    await macrotask();
    expect(stream.sent).toHaveLength(2);
    expect(done).toBe(false);
    stream.writableNeedsDrain = false;
    stream.drain();
    await macrotask();
    expect(done).toBe(true);
    expect(totalOf(stream)).toBe(100 * KIB);
  });

  it('sends nothing into a stream that other streams have filled', async () => {
    const { stream, duplex } = make((fake) => {
      fake.writableNeedsDrain = true;
    });
    duplex.write('waits');
    expect(stream.sent).toEqual([]);
    stream.writableNeedsDrain = false;
    stream.drain();
    await macrotask();
    expect(totalOf(stream)).toBe(5);
  });

  it('fails the write when the stream refuses it, and does not throw', async () => {
    const { duplex, errors } = make((fake) => {
      fake.onSend = () => {
        throw new Error('Cannot write to a stream that is closed');
      };
    });
    const failed = new Promise((resolve) => duplex.write('x', resolve));
    expect(await failed).toBeInstanceOf(Error);
    await macrotask();
    expect(errors).toHaveLength(1);
    expect(duplex.write('y')).toBe(false);
  });

  it('closes our half after what was written', async () => {
    const { stream, duplex, errors } = make();
    duplex.write('a');
    duplex.end('b');
    await macrotask();
    expect(Buffer.concat(stream.sent).toString()).toBe('ab');
    expect(stream.calls.at(-1)).toBe('close');
    expect(duplex.writableFinished).toBe(true);
    expect(duplex.destroyed).toBe(false);
    expect(errors).toEqual([]);
  });

  it('is done without an error when both halves close, even if that closes the stream inside our close', async () => {
    const { stream, duplex, errors } = make((fake) => {
      fake.onClose = async () => fake.closed();
    });
    duplex.resume();
    await macrotask();
    stream.endByRemote();
    await macrotask();
    duplex.end();
    await macrotask();
    expect(duplex.readableEnded).toBe(true);
    expect(errors).toEqual([]);
    expect(duplex.destroyed).toBe(true);
    expect(stream.abortedWith).toBeUndefined();
  });

  it('fails when our half cannot be closed', async () => {
    const { duplex, errors } = make((fake) => {
      fake.onClose = () => Promise.reject(new Error('closed meanwhile'));
    });
    duplex.end();
    await macrotask();
    expect(errors.map(({ message }) => message)).toEqual(['closed meanwhile']);
  });

  it('resets the stream when destroyed, and fails the write under way', async () => {
    const { stream, duplex } = make((fake) => {
      fake.writableNeedsDrain = true;
    });
    const failed = new Promise((resolve) => duplex.write('x', resolve));
    duplex.destroy();
    expect(await failed).toBeInstanceOf(Error);
    expect(stream.abortedWith).toBeInstanceOf(Error);
    stream.drain();
    await macrotask();
    expect(stream.sent).toEqual([]);
  });

  it('fails writes that wait when the connection goes away after the peer ended', async () => {
    const { stream, duplex, errors } = make((fake) => {
      fake.writableNeedsDrain = true;
    });
    duplex.write('x');
    stream.endByRemote();
    stream.closed();
    await macrotask();
    expect(errors).toHaveLength(1);
  });
});
