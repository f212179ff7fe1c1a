import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BlockBuffer } from './block-buffer.js';

const block = (byte: number, length = 1) => new Uint8Array(length).fill(byte);
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Whether a promise has settled by now. */
const settled = async (promise: Promise<unknown>) => {
  const pending = Symbol('pending');
  return (await Promise.race([promise, settle().then(() => pending)])) !== pending;
};

describe(BlockBuffer.name, () => {
  it('gives all that has arrived at once', async () => {
    const buffer = new BlockBuffer({ maxBlocks: 10, maxBytes: 100 });
    await buffer.put(block(1));
    await buffer.put(block(2));
    expect(buffer.isEmpty).toBe(false);
    expect(await buffer.take()).toEqual([block(1), block(2)]);
    expect(buffer.isEmpty).toBe(true);
  });

  it('lets the writer wait for the first block', async () => {
    const buffer = new BlockBuffer({ maxBlocks: 10, maxBytes: 100 });
    const taking = buffer.take();
    expect(await settled(taking)).toBe(false);
    await buffer.put(block(1));
    expect(await taking).toEqual([block(1)]);
  });

  it.each([
    { name: 'blocks', limits: { maxBlocks: 2, maxBytes: 100 }, lengths: [1, 1] },
    { name: 'bytes', limits: { maxBlocks: 10, maxBytes: 8 }, lengths: [4, 4] },
    { name: 'one large block', limits: { maxBlocks: 10, maxBytes: 8 }, lengths: [50] },
  ])('holds the reader back at the limit of $name until the writer takes', async ({ limits, lengths }) => {
    const buffer = new BlockBuffer(limits);
    const puts = lengths.map((length) => buffer.put(block(1, length)));
    const last = puts[puts.length - 1] ?? Promise.resolve(true);
    expect(await settled(last)).toBe(false);
    expect((await buffer.take())?.length).toBe(lengths.length);
    expect(await last).toBe(true);
    expect(await settled(buffer.put(block(1)))).toBe(true);
  });

  it('ends after the last block', async () => {
    const buffer = new BlockBuffer({ maxBlocks: 10, maxBytes: 100 });
    await buffer.put(block(1));
    buffer.finish('ok');
    expect(await buffer.take()).toEqual([block(1)]);
    expect(await buffer.take()).toBeUndefined();
    expect(await buffer.put(block(2))).toBe(false);
    expect(await buffer.take()).toBeUndefined();
  });

  it('fails after the last block, with the first failure', async () => {
    const failure = new Error('reset');
    const buffer = new BlockBuffer({ maxBlocks: 10, maxBytes: 100 });
    await buffer.put(block(1));
    buffer.finish({ error: failure });
    buffer.finish('ok');
    expect(await buffer.take()).toEqual([block(1)]);
    await expect(buffer.take()).rejects.toBe(failure);
  });

  it('wakes both sides when it ends', async () => {
    const empty = new BlockBuffer({ maxBlocks: 1, maxBytes: 100 });
    const taking = empty.take();
    const full = new BlockBuffer({ maxBlocks: 1, maxBytes: 100 });
    const putting = full.put(block(1));
    await settle();
    empty.finish('ok');
    full.finish('ok');
    expect(await taking).toBeUndefined();
    expect(await putting).toBe(false);
  });

  it('hands over every block in order, never more than a batch at a time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(255), { maxLength: 60 }),
        fc.integer({ min: 1, max: 8 }),
        async (bytes, max) => {
          const buffer = new BlockBuffer({ maxBlocks: max, maxBytes: 1_000 });
          const reading = (async () => {
            for (const byte of bytes) await buffer.put(block(byte));
            buffer.finish('ok');
          })();
          const got: Uint8Array[] = [];
          for (let batch = await buffer.take(); batch; batch = await buffer.take()) {
            expect(batch.length).toBeLessThanOrEqual(max);
            got.push(...batch);
          }
          await reading;
          expect(got.map(([byte]) => byte)).toEqual(bytes);
        },
      ),
      { numRuns: 50 },
    );
  });
});
