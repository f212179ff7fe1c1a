import { afterEach, describe, expect, it } from '@jest/globals';
import { blockReader, blockServer, chainOf } from '../support/block-serving.js';
import { Cleanups } from '../support/cleanups.js';
import { eventually } from '../support/eventually.js';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

describe('GetBlocks over real sockets', () => {
  it('ends no session of a peer that follows block by block on a stream each, all left open', async () => {
    const node = await blockServer(cleanups, chainOf(0, 1_000));
    const { getBlocks } = await blockReader(cleanups, 2, node.host);
    let mostSessions = 0;
    for (let n = 0; n < 2_000; n += 1) {
      const call = await getBlocks(0);
      expect((await call.next(5_000))?.length).toBe(1_000);
      expect(await call.next(5_000)).toBeUndefined();
      mostSessions = Math.max(mostSessions, node.server.sessionCount);
    }
    await eventually(() => node.finished.length === 2_000);
    expect(node.finished.filter(({ status }) => status !== 0)).toEqual([]);
    expect(node.refused).toEqual([]);
    expect(mostSessions).toBeLessThanOrEqual(64);
    expect(node.ledger.usage().total).toMatchObject({ memory: 0, calls: 0 });
    expect(node.ledger.usage().total.streams).toBeLessThanOrEqual(64);
  });

  it('serves a peer with one stream as fast as one with four', async () => {
    const node = await blockServer(cleanups, chainOf(10_000_000, 1_000));
    const [greedy, modest] = [
      await blockReader(cleanups, 2, node.host),
      await blockReader(cleanups, 3, node.host),
    ];
    const counts = { greedy: 0, modest: 0 };
    let isOver = false;
    const read = async (who: keyof typeof counts, { getBlocks }: typeof greedy) => {
      const call = await getBlocks(0);
      cleanups.add(() => call.close());
      while (!isOver && (await call.next(5_000)) !== undefined) counts[who] += 1;
    };
    const reading = [...Array.from({ length: 4 }, () => read('greedy', greedy)), read('modest', modest)];
    await eventually(() => counts.modest + counts.greedy > 100_000);
    isOver = true;
    await Promise.all(reading);
    expect(counts.greedy / counts.modest).toBeLessThan(2);
    expect(counts.modest / counts.greedy).toBeLessThan(2);
    expect(node.refused).toEqual([]);
  });

  it('serves others beside a peer that reads nothing, and that peer again on a stream that it reads', async () => {
    const node = await blockServer(cleanups, chainOf(10_000_000, 1_000));
    const [lazy, honest] = [
      await blockReader(cleanups, 2, node.host),
      await blockReader(cleanups, 3, node.host),
    ];
    const take = async (call: Awaited<ReturnType<typeof lazy.getBlocks>>, count: number) => {
      for (let n = 0; n < count; n += 1)
        if ((await call.next(5_000)) === undefined) throw new Error('it ended');
    };
    const unread = await Promise.all(Array.from({ length: 4 }, () => lazy.getBlocks(0)));
    const read = [await honest.getBlocks(0), await lazy.getBlocks(0)] as const;
    cleanups.add(() => {
      for (const call of [...unread, ...read]) call.close();
    });
    await take(read[0], 20_000);
    await take(read[1], 20_000);
    expect(node.refused).toEqual(['displaced']);
    expect(node.shares.bytesInFlight).toBeLessThanOrEqual(6 * 512 * 1_024);
  });
});
