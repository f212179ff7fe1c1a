import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { BulkWriter, MAX_PENDING_BYTES } from './bulk-writer.js';
import { MessageReader } from './grpc-message.js';

/** A target that lets go of what it was given when told. */
function target() {
  const writes: Buffer[] = [];
  const waiting: (() => void)[] = [];
  const stream = new Writable({
    highWaterMark: 16_384,
    write(chunk: Buffer, _encoding, done) {
      writes.push(Buffer.from(chunk));
      waiting.push(done);
    },
  });
  const release = async (count = Number.POSITIVE_INFINITY) => {
    for (let i = 0; i < count && waiting.length > 0; i += 1) {
      waiting.shift()?.();
      await nextTurn();
    }
  };
  return { stream, writes, release };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

function messagesIn(writes: readonly Buffer[]): Buffer[] {
  const reader = new MessageReader(10_000_000);
  for (const bytes of writes) reader.push(bytes);
  const messages: Buffer[] = [];
  for (let next = reader.next(); next !== undefined; next = reader.next()) messages.push(Buffer.from(next));
  return messages;
}

describe('BulkWriter', () => {
  it('sends what was written in one turn in one piece', async () => {
    const { stream, writes } = target();
    const writer = new BulkWriter(stream);
    for (const text of ['a', 'bb', 'ccc']) writer.write(Buffer.from(text));
    expect(writes).toHaveLength(0);
    await nextTurn();
    expect(writes).toHaveLength(1);
    expect(messagesIn(writes).map(String)).toEqual(['a', 'bb', 'ccc']);
  });

  it('sends full batches at once, and messages of any size whole', async () => {
    const { stream, writes, release } = target();
    const writer = new BulkWriter(stream);
    const sizes = [1_000, 65_000, 1, 65_531, 65_536, 200_000, 0];
    for (const [i, size] of sizes.entries()) writer.write(Buffer.alloc(size, i));
    writer.flush();
    writer.flush();
    await release();
    await nextTurn();
    expect(messagesIn(writes).map((one) => [one.length, one[0]])).toEqual(
      sizes.map((size, i) => [size, size === 0 ? undefined : i]),
    );
    expect(writer.pendingBytes).toBe(0);
    expect(writer.sentBytes).toBe(sizes.reduce((sum, size) => sum + size + 5, 0));
  });

  it('does not send a buffer that is in flight over again with other bytes', async () => {
    const { stream, writes, release } = target();
    const writer = new BulkWriter(stream);
    const payloads = Array.from({ length: 900 }, (_, i) => Buffer.alloc(1_000, i % 251));
    for (const [i, payload] of payloads.entries()) {
      writer.write(payload);
      if (i % 150 === 0) await release(1);
    }
    writer.flush();
    await release();
    await nextTurn();
    await release();
    expect(messagesIn(writes)).toEqual(payloads);
  });

  it('asks to wait above its bound, and says drain once half has left', async () => {
    const { stream, release } = target();
    const writer = new BulkWriter(stream);
    let drains = 0;
    writer.on('drain', () => {
      drains += 1;
    });
    const payload = Buffer.alloc(10_000);
    let written = 0;
    while (writer.write(payload)) written += 1;
    expect(writer.needsDrain).toBe(true);
    expect(writer.pendingBytes).toBeGreaterThanOrEqual(MAX_PENDING_BYTES);
    expect(writer.pendingBytes).toBeLessThan(MAX_PENDING_BYTES + 10_005);
    expect(written).toBe(Math.ceil(MAX_PENDING_BYTES / 10_005) - 1);
    await release(1);
    expect(drains).toBe(0);
    expect(writer.write(payload)).toBe(false);
    await release();
    expect(drains).toBe(1);
    expect(writer.needsDrain).toBe(false);
    expect(writer.write(payload)).toBe(true);
  });
});
