import { setImmediate as settle } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fakeBlocks } from '../../../test/support/fake-chain.js';
import { encodeStatus } from '../../../test/support/fake-network.js';
import { honestPeer, scriptedPeer, silence } from '../../../test/support/peer-scripts.js';
import { a, b, endWorlds, syncWorld } from '../../../test/support/sync-world.js';
import { SyncService } from './sync.service.js';

afterEach(endWorlds);

describe(SyncService.name, () => {
  it('fetches from the highest peer, then from the one that got ahead', async () => {
    const { network, chain, start, outcomes } = syncWorld();
    let heightOfA = 50;
    start();
    network.connect(
      a,
      honestPeer(() => heightOfA),
    );
    network.connect(
      b,
      honestPeer(() => 80),
    );
    await settle();
    await settle();
    expect(chain.head()?.number).toBe(80);
    heightOfA = 81;
    network.gossip(a, encodeStatus(81n));
    await settle();
    expect(chain.head()?.number).toBe(81);
    expect(outcomes()).toEqual([
      [b, 80, 'ok'],
      [a, 81, 'ok'],
    ]);
    expect(network.asked).toEqual([
      { peerId: b, from: 1 },
      { peerId: a, from: 81 },
    ]);
    expect(network.faults).toEqual([]);
  });

  it('takes the nearest of equals', async () => {
    const { network, start, outcomes } = syncWorld();
    network.connect(
      b,
      honestPeer(() => 5),
    );
    network.connect(
      a,
      honestPeer(() => 5),
    );
    start();
    await settle();
    expect(outcomes()).toEqual([[a, 5, 'ok']]);
  });

  it('resumes from the stored head', async () => {
    const { network, start } = syncWorld({ height: 40 });
    start();
    network.connect(
      a,
      honestPeer(() => 50),
    );
    await settle();
    expect(network.asked).toEqual([{ peerId: a, from: 41 }]);
  });

  it('asks for genesis when there is none', async () => {
    const { network, chain, start, outcomes } = syncWorld({ height: -1 });
    start();
    network.connect(
      a,
      honestPeer(() => 3),
    );
    await settle();
    expect(network.asked).toEqual([{ peerId: a, from: 0 }]);
    expect(chain.head()?.number).toBe(3);
    expect(outcomes()).toEqual([[a, 3, 'ok']]);
  });

  it('asks for genesis once there is a block that follows it', async () => {
    const { network, chain, start } = syncWorld({ height: -1 });
    start();
    network.connect(
      a,
      honestPeer(() => 0),
    );
    network.connect(
      b,
      honestPeer(() => 1),
    );
    await settle();
    expect(chain.head()?.number).toBe(1);
  });

  it('shows its progress', async () => {
    const { network, progress, start, sync, stop } = syncWorld({ height: 10 });
    start();
    network.connect(
      a,
      honestPeer(() => 30),
    );
    await settle();
    const idle = {
      state: 'idle',
      startingHeight: 10,
      currentHeight: 30,
      highestHeight: 30,
      peerId: undefined,
      peers: 0,
      blocksPerSecond: undefined,
      secondsLeft: undefined,
    };
    expect(sync.progress()).toEqual(idle);
    expect(progress).toContainEqual({
      state: 'syncing',
      startingHeight: 10,
      currentHeight: 10,
      highestHeight: 30,
      peerId: a,
      peers: 1,
      blocksPerSecond: undefined,
      secondsLeft: undefined,
    });
    const heights = progress.map(({ currentHeight }) => currentHeight);
    expect(heights).toEqual([...heights].sort((x, y) => x - y));
    await stop();
    expect(progress.at(-1)).toMatchObject({ state: 'stopped', currentHeight: 30 });
  });

  it('follows heads that come by other means', async () => {
    const { chain, start, sync } = syncWorld({ height: 10 });
    start();
    await chain.seal();
    expect(sync.progress()).toMatchObject({ state: 'idle', currentHeight: 11, highestHeight: 11 });
  });

  it('has three batches stored at a time, and reads on while there is room', async () => {
    const settings = { batchBlocks: 16, bufferBlocks: 48 };
    const { network, chain, book, start } = syncWorld({ settings });
    let sent = 0;
    let release = () => {};
    chain.beforeInsert = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    start();
    network.connect(
      a,
      scriptedPeer(200n, async function* (from) {
        for (const block of fakeBlocks(from, 200)) {
          sent++;
          yield block;
        }
      }),
    );
    for (let i = 0; i < 5; i++) await settle();
    expect(chain.waiting).toBe(3);
    // One block was alone, two full batches followed; the buffer keeps a place for the block that comes next.
    expect(sent).toBe(1 + 16 + 16 + book.blocks);
    expect(book.blocks).toBe(48 - 16);
    chain.beforeInsert = async () => {};
    release();
    for (let i = 0; i < 5; i++) await settle();
    expect(chain.head()?.number).toBe(200);
    expect(Math.max(...chain.batches)).toBe(16);
    expect(network.asked).toHaveLength(1);
  });

  it('says that it catches up once many blocks are stored, and when it has', async () => {
    const { network, log, start } = syncWorld({ settings: { batchBlocks: 64 } });
    start();
    network.connect(
      a,
      honestPeer(() => 400),
    );
    for (let i = 0; i < 20; i++) await settle();
    const said = log.lines.filter(({ level }) => level === 'info');
    expect(said).toMatchObject([
      { message: 'catching up', fields: { claimedHeight: 400 } },
      { message: 'caught up', fields: { height: 400, from: 0 } },
    ]);
  });

  it('says nothing of heights that are only claimed', async () => {
    const { network, log, start } = syncWorld();
    start();
    network.connect(a, { ...honestPeer(() => 3), status: async () => 999_999n });
    await settle();
    await settle();
    expect(log.lines.filter(({ level }) => level !== 'debug')).toEqual([]);
  });

  it('does not wait for the end of a stream that gave what was claimed', async () => {
    const { network, chain, start, outcomes } = syncWorld();
    start();
    network.connect(
      a,
      scriptedPeer(5n, async function* (from, signal) {
        yield* fakeBlocks(from, 5);
        await silence(signal);
      }),
    );
    await settle();
    expect(chain.head()?.number).toBe(5);
    expect(outcomes()).toEqual([[a, 5, 'ok']]);
    expect(network.openCalls).toBe(0);
  });

  it('takes more than was claimed when it is there', async () => {
    const { network, chain, start, outcomes } = syncWorld();
    start();
    network.connect(
      a,
      scriptedPeer(2n, (from) => honestPeer(() => 9).blocks(from, new AbortController().signal)),
    );
    await settle();
    expect(chain.head()?.number).toBeGreaterThanOrEqual(2);
    expect(outcomes().every(([, , outcome]) => outcome === 'ok')).toBe(true);
  });
});
