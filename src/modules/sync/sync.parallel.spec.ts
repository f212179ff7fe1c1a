import { setImmediate as settle } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fakeBlock, fakeBlocks } from '../../../test/support/fake-chain.js';
import { peerId } from '../../../test/support/fake-network.js';
import { honestPeer, scriptedPeer, silence } from '../../../test/support/peer-scripts.js';
import { a, b, c, endWorlds, syncWorld, until, wiredPeer } from '../../../test/support/sync-world.js';
import { NetworkError } from '../network/index.js';

afterEach(endWorlds);

const d = peerId('d');

describe('several peers at once', () => {
  it('takes a long chain from one peer in one stream', async () => {
    const { network, chain, start } = syncWorld({ settings: { batchBlocks: 128 } });
    start();
    network.connect(a, wiredPeer(20_000));
    await until(() => chain.head()?.number === 20_000);
    expect(network.asked).toEqual([{ peerId: a, from: 1 }]);
  });

  it('takes a long chain from four, each in ranges', async () => {
    const { network, chain, start } = syncWorld({ settings: { batchBlocks: 128 } });
    start();
    for (const id of [a, b, c, d]) network.connect(id, wiredPeer(20_000));
    await until(() => chain.head()?.number === 20_000);
    expect(new Set(network.asked.map(({ peerId: id }) => id)).size).toBe(4);
    expect(network.asked.length).toBeLessThanOrEqual(20);
    expect(network.faults).toEqual([]);
  });

  it('asks one peer, the best, for a few blocks', async () => {
    const { network, start } = syncWorld({ height: 100 });
    start();
    for (const id of [b, a, c])
      network.connect(
        id,
        honestPeer(() => 110),
      );
    await settle();
    expect(network.asked).toEqual([{ peerId: a, from: 101 }]);
  });

  it('asks no more peers at a time than it may', async () => {
    const { network, start, progress } = syncWorld({ settings: { parallelPeers: 2 } });
    start();
    for (const id of [a, b, c, d]) {
      network.connect(
        id,
        scriptedPeer(9_000n, async function* (_from, signal) {
          await silence(signal);
          yield fakeBlock(0);
        }),
      );
    }
    await settle();
    expect(network.openCalls).toBe(2);
    expect(progress.at(-1)?.peers).toBe(2);
  });

  it('keeps its buffer within bounds while the chain stands still', async () => {
    const settings = { batchBlocks: 16, bufferBlocks: 100, rangeBlocks: 40 };
    const { network, chain, book, start, stop } = syncWorld({ settings });
    let most = 0;
    const stalled = Promise.withResolvers<void>();
    chain.beforeInsert = () => stalled.promise;
    start();
    for (const id of [a, b, c, d]) {
      const peer = wiredPeer(5_000);
      network.connect(
        id,
        scriptedPeer(5_000n, async function* (from, signal) {
          for await (const block of peer.blocks(from, signal)) {
            most = Math.max(most, book.blocks);
            yield block;
          }
        }),
      );
    }
    for (let i = 0; i < 300; i++) await settle();
    expect(most).toBeGreaterThan(50);
    expect(Math.max(most, book.blocks)).toBeLessThanOrEqual(100);
    stalled.resolve();
    await until(() => chain.head()?.number === 5_000);
    expect(most).toBeLessThanOrEqual(100);
    await stop();
  });

  it('bounds the bytes that wait, but for a block of each stream', async () => {
    const settings = { batchBytes: 1_024, bufferBytes: 2_048, rangeBlocks: 100 };
    const { network, chain, book, start } = syncWorld({ settings });
    const stalled = Promise.withResolvers<void>();
    chain.beforeInsert = () => stalled.promise;
    start();
    for (const id of [a, b]) network.connect(id, wiredPeer(5_000));
    for (let i = 0; i < 300; i++) await settle();
    expect(book.bytes).toBeGreaterThan(900);
    expect(book.bytes).toBeLessThanOrEqual(2_048 + 2 * 9);
    stalled.resolve();
    await until(() => chain.head()?.number === 5_000);
  });

  it('gives the rest of a range to another peer when one leaves, and keeps what came', async () => {
    const { clock, network, chain, start, outcomes } = syncWorld({ settings: { rangeBlocks: 50 } });
    start();
    network.connect(
      a,
      scriptedPeer(200n, async function* (from, signal) {
        yield* fakeBlocks(from, from + 9);
        await silence(signal);
      }),
    );
    network.connect(b, wiredPeer(200));
    await until(() => network.openCalls === 1);
    expect(chain.head()?.number).toBe(10);
    network.leave(a);
    await until(() => chain.head()?.number === 200);
    expect(network.asked).toContainEqual({ peerId: b, from: 11 });
    expect(outcomes()).toContainEqual([a, 10, 'SYNC.PEER_FAILED']);
    await clock.advanceAsync(0);
  });

  it('has a reader that waits for room fetch what all wait for', async () => {
    const settings = { batchBlocks: 10, bufferBlocks: 30, rangeBlocks: 50, parallelPeers: 2 };
    const { network, chain, start } = syncWorld({ settings });
    start();
    network.connect(
      a,
      scriptedPeer(200n, async function* (_from, signal) {
        await silence(signal);
        yield fakeBlock(0);
      }),
    );
    network.connect(b, wiredPeer(200));
    for (let i = 0; i < 20; i++) await settle();
    expect(chain.head()?.number).toBe(0);
    network.leave(a);
    await until(() => chain.head()?.number === 200);
  });

  it('drops only what the peer with the bad block gave', async () => {
    const settings = { batchBlocks: 10, rangeBlocks: 50 };
    const { network, chain, start, outcomes } = syncWorld({ settings });
    start();
    network.connect(
      a,
      scriptedPeer(400n, async function* (from) {
        for (let number = from; number <= 400; number++) yield fakeBlock(number, { bad: number === 30 });
      }),
    );
    for (const id of [b, c]) network.connect(id, wiredPeer(400));
    await until(() => chain.head()?.number === 400);
    expect(network.faults).toMatchObject([{ peerId: a, code: 'SYNC.BAD_BLOCK', severity: 'drop' }]);
    expect(outcomes().filter(([id]) => id === a)).toContainEqual([a, 29, 'SYNC.BAD_BLOCK']);
    // What b had brought of the next range was not fetched again.
    expect(network.asked.filter(({ from }) => from === 51)).toHaveLength(1);
  });

  it('blames whoever owes the block, not whoever comes behind', async () => {
    const settings = { batchBlocks: 64, rangeBlocks: 50 };
    const { network, chain, start } = syncWorld({ settings });
    const held = Promise.withResolvers<void>();
    chain.beforeInsert = () => held.promise;
    start();
    network.connect(
      a,
      // Each height twice: its range ends halfway.
      scriptedPeer(300n, async function* (from) {
        for (let at = 0; at < 300; at++) yield fakeBlock(from + Math.floor(at / 2));
      }),
    );
    network.connect(b, wiredPeer(300));
    for (let i = 0; i < 20; i++) await settle();
    chain.beforeInsert = async () => {};
    held.resolve();
    await until(() => chain.head()?.number === 300);
    expect(new Set(network.faults.map(({ peerId: id }) => id))).toEqual(new Set([a]));
  });

  it('is not put off by a peer that has pruned', async () => {
    const { clock, network, chain, start } = syncWorld();
    start();
    network.connect(a, {
      status: async () => 90n,
      // biome-ignore lint/correctness/useYield: the peer refuses
      async *blocks() {
        throw outOfRange(a);
      },
    });
    await settle();
    await clock.advanceAsync(10_000);
    network.connect(b, wiredPeer(90));
    await until(() => chain.head()?.number === 90);
    expect(network.faults.length).toBeGreaterThan(2);
    expect(
      network.faults.every(({ code, severity }) => code === 'SYNC.NOT_KEPT' && severity === 'retry'),
    ).toBe(true);
    expect(network.has(a)).toBe(true);
  });
});

function outOfRange(id: typeof a): NetworkError {
  const path = '/v1.SyncPeer/GetBlocks';
  return new NetworkError({ code: 'NETWORK.RPC_FAILED', peerId: id, path, status: 11, details: 'pruned' });
}
