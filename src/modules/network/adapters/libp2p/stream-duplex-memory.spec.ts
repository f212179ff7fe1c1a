import { setImmediate as macrotask } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { FakeByteStream } from '../../../../../test/support/fake-byte-stream.js';
import { ManualClock } from '../../../../../test/support/manual-clock.js';
import { peerLimits } from '../../../../../test/support/peer-limits.js';
import type { PeerId } from '../../ports/types.js';
import { type ByteStream, StreamDuplex } from './stream-duplex.js';

const KIB = 1_024;
const HOLDER = { peerId: 'alice' as PeerId, protocol: '/syncer/0.2' };

/** As the library's: what comes while it is paused waits in it, and no event tells. */
class PausingStream extends FakeByteStream {
  onData(data: Uint8Array): void {
    if (this.readStatus === 'paused') this.readBufferLength += data.length;
    else this.message(data);
  }
}

function make(memoryBytesPerPeer = 1_024 * KIB) {
  const { ledger, refused } = peerLimits(new ManualClock(), { memoryBytesPerPeer });
  const stream = new PausingStream();
  const duplex = new StreamDuplex(stream as unknown as ByteStream, ledger.reserve('memory', 0, HOLDER));
  const errors: unknown[] = [];
  duplex.on('error', (error) => errors.push(error));
  return { stream, duplex, errors, refused, held: () => ledger.usage().total.memory };
}

describe('StreamDuplex memory', () => {
  it('charges nothing for what is read at once', async () => {
    const { stream, duplex, held } = make();
    duplex.on('data', () => {});
    await macrotask();
    for (let n = 0; n < 10; n += 1) {
      stream.onData(Buffer.alloc(KIB));
      expect(held()).toBe(0);
    }
  });

  it('charges what waits, here and in the stream below', async () => {
    const { stream, duplex, held } = make();
    stream.onData(Buffer.alloc(10 * KIB));
    expect(held()).toBe(10 * KIB);
    stream.onResume = () => {
      stream.readBufferLength = 0;
      stream.message(Buffer.alloc(10 * KIB));
    };
    duplex.on('data', () => {});
    await macrotask();
    expect(held()).toBe(0);
    duplex.pause();
    stream.onResume = () => {};
    stream.onData(Buffer.alloc(7 * KIB));
    expect(held()).toBe(7 * KIB);
    stream.message(Buffer.alloc(256 * KIB));
    stream.onData(Buffer.alloc(5 * KIB));
    expect(held()).toBe(268 * KIB);
    stream.readBufferLength = 0;
    duplex.resume();
    await macrotask();
    expect(held()).toBe(0);
  });

  it('resets the stream that goes beyond the peer’s limit, and frees what it held', async () => {
    const { stream, duplex, errors, refused, held } = make(300 * KIB);
    duplex.resume();
    await macrotask();
    duplex.pause();
    stream.message(Buffer.alloc(299 * KIB));
    expect(stream.abortedWith).toBeUndefined();
    stream.onData(Buffer.alloc(2 * KIB));
    expect(stream.abortedWith).toMatchObject({
      code: 'NETWORK.LIMIT_REACHED',
      detail: { resource: 'memory', scope: 'peer', limit: 300 * KIB },
    });
    await macrotask();
    expect(errors).toHaveLength(1);
    expect(refused).toEqual(['NETWORK.LIMIT_REACHED']);
    expect(held()).toBe(0);
    stream.onData(Buffer.alloc(299 * KIB));
    expect(held()).toBe(0);
  });

  it('frees what it held when it is destroyed', () => {
    const { stream, duplex, held } = make();
    stream.onData(Buffer.alloc(KIB));
    duplex.destroy();
    expect(held()).toBe(0);
  });
});
