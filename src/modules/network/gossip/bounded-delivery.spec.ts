import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { BoundedDelivery } from './bounded-delivery.js';

describe(BoundedDelivery.name, () => {
  const setUp = () => {
    const [got, counts] = [[] as number[], { dropped: 0 }];
    const delivery = new BoundedDelivery<number>(
      (item) => got.push(item),
      () => {
        counts.dropped += 1;
      },
    );
    return { got, counts, delivery };
  };

  it('hands over in order, after the one who offers is done', async () => {
    const { got, delivery } = setUp();
    delivery.offer(1);
    delivery.offer(2);
    expect(got).toEqual([]);
    await Promise.resolve();
    expect(got).toEqual([1, 2]);
    delivery.offer(3);
    await Promise.resolve();
    expect(got).toEqual([1, 2, 3]);
  });

  it('hands over 32 in a turn of the event loop, and lets other work go between', async () => {
    const { got, delivery } = setUp();
    for (let n = 0; n < 70; n += 1) delivery.offer(n);
    await Promise.resolve();
    expect(got).toHaveLength(32);
    await turn();
    expect(got).toHaveLength(64);
    await turn();
    expect(got).toEqual(Array.from({ length: 70 }, (_, n) => n));
  });

  it('keeps the newest 256 and counts the others', async () => {
    const { got, counts, delivery } = setUp();
    for (let n = 0; n < 300; n += 1) delivery.offer(n);
    for (let turns = 0; turns < 10; turns += 1) await turn();
    expect(got).toEqual(Array.from({ length: 256 }, (_, n) => n + 44));
    expect(counts.dropped).toBe(44);
  });

  it('forgets what waits when it is stopped', async () => {
    const { got, counts, delivery } = setUp();
    delivery.offer(1);
    delivery.stop();
    await turn();
    expect(got).toEqual([]);
    expect(counts.dropped).toBe(0);
  });
});
