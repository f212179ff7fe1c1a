import { setImmediate as settle } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fakeBlock, fakeBlocks } from '../../../test/support/fake-chain.js';
import { honestPeer, scriptedPeer, silence } from '../../../test/support/peer-scripts.js';
import { a, b, c, endWorlds, syncWorld, until, wiredPeer } from '../../../test/support/sync-world.js';
import { BlockchainError } from '../blockchain/index.js';

afterEach(endWorlds);

describe('faults of our own', () => {
  it('does not blame peers when the store fails, and goes on when it works again', async () => {
    const { clock, network, chain, start, outcomes } = syncWorld();
    chain.beforeInsert = async () => {
      throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_FAILED', reason: 'disk full' });
    };
    start();
    network.connect(
      a,
      honestPeer(() => 20),
    );
    await settle();
    await settle();
    expect(outcomes()).toEqual([[a, 0, 'SYNC.LOCAL_FAILURE']]);
    chain.beforeInsert = async () => {};
    await clock.advanceAsync(1_000);
    await settle();
    expect(chain.head()?.number).toBe(20);
    expect(network.faults).toEqual([]);
  });
});

describe('faults of our own, while votes are compared', () => {
  it('blames nobody when the chain cannot be taken back', async () => {
    const { clock, network, chain, log, start } = syncWorld();
    const vote = (turned: boolean) => (number: number) =>
      fakeBlock(number, { vote: number === 5 ? (turned ? 2 : 1) : 0 });
    const peerWith = (block: (number: number) => Uint8Array, height: number) =>
      scriptedPeer(BigInt(height), async function* (from) {
        for (let number = from; number <= height; number++) yield block(number);
      });
    chain.needs = [{ number: 10, at: 5, vote: 1 }];
    const rewind = chain.rewind.bind(chain);
    chain.rewind = async () => {
      throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_FAILED', reason: 'disk full' });
    };
    start();
    network.connect(a, peerWith(vote(true), 9));
    await until(() => chain.head()?.number === 9);
    network.connect(b, peerWith(vote(false), 20));
    await until(() => log.messages('error').length > 0);
    expect(network.faults).toEqual([]);
    chain.rewind = rewind;
    await clock.advanceAsync(1_000);
    await until(() => chain.head()?.number === 20);
    expect(network.faults).toMatchObject([{ peerId: a, code: 'SYNC.ALTERED_VOTE' }]);
  });
});

describe('start and stop', () => {
  it('may be stopped while it waits for a block', async () => {
    const { network, start, stop, outcomes } = syncWorld();
    start();
    network.connect(
      a,
      scriptedPeer(90n, async function* (from, signal) {
        yield* fakeBlocks(from, 3);
        await silence(signal);
      }),
    );
    await settle();
    await stop();
    expect(outcomes()).toEqual([[a, 3, 'SYNC.CANCELLED']]);
    expect(network.faults).toEqual([]);
  });

  it('waits for the batch that is being stored', async () => {
    const { network, chain, start, stop, outcomes } = syncWorld();
    let release = () => {};
    chain.beforeInsert = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    start();
    network.connect(
      a,
      honestPeer(() => 90),
    );
    await settle();
    let stopped = false;
    const stopping = stop().then(() => {
      stopped = true;
    });
    await settle();
    expect(stopped).toBe(false);
    release();
    await stopping;
    expect(chain.head()?.number).toBe(1);
    expect(outcomes()).toMatchObject([[a, 1, 'SYNC.CANCELLED']]);
  });

  it('may be stopped while it leaves all peers alone', async () => {
    const { network, start, stop } = syncWorld();
    start();
    network.connect(a, { ...honestPeer(() => 0), status: async () => 500n });
    await settle();
    await stop();
  });

  it('may be stopped at any moment of a round', async () => {
    for (let steps = 0; steps < 60; steps++) {
      const { network, start, stop } = syncWorld({ settings: { batchBlocks: 2 } });
      start();
      network.connect(
        a,
        honestPeer(() => 12),
      );
      for (let i = 0; i < steps; i++) await Promise.resolve();
      await stop();
    }
  });

  it('may be stopped at any moment while it fetches from several', async () => {
    for (let turns = 0; turns < 24; turns++) {
      const settings = { batchBlocks: 4, rangeBlocks: 10, bufferBlocks: 24 };
      const { network, chain, start, stop } = syncWorld({ settings });
      chain.beforeInsert = settle;
      start();
      for (const id of [a, b]) network.connect(id, wiredPeer(200));
      network.connect(
        c,
        scriptedPeer(200n, async function* (from) {
          yield* fakeBlocks(from, from + 4);
          yield* fakeBlocks(from + 5, 200, { branch: 1 });
        }),
      );
      for (let i = 0; i < turns; i++) await settle();
      await stop();
    }
  });

  it('may be stopped while it looks for a branch', async () => {
    const { network, chain, start, stop } = syncWorld({ height: 20 });
    start();
    network.connect(
      a,
      scriptedPeer(200n, async function* (from, signal) {
        if (from < 15) await silence(signal);
        yield* fakeBlocks(from, 200, { branch: 1 });
      }),
    );
    await until(() => network.asked.some(({ from }) => Number(from) < 15));
    await stop();
    expect(chain.head()?.number).toBe(20);
    expect(network.faults).toEqual([]);
  });

  it('may be stopped by whoever hears that a round begins', async () => {
    const { network, start, stop, sync, outcomes } = syncWorld();
    let stopping = Promise.resolve();
    sync.events$.subscribe(({ type }) => {
      if (type === 'round:started') stopping = stop();
    });
    start();
    network.connect(
      a,
      scriptedPeer(5n, async function* (_from, signal) {
        await silence(signal);
        yield* fakeBlocks(1, 5);
      }),
    );
    await settle();
    await stopping;
    expect(outcomes()).toEqual([[a, 0, 'SYNC.CANCELLED']]);
  });

  it('does nothing when it is stopped before it starts, and starts once', async () => {
    const early = syncWorld();
    await early.stop();
    early.start();
    early.network.connect(
      a,
      honestPeer(() => 5),
    );
    await settle();
    expect(early.network.asked).toEqual([]);

    const { network, start, sync } = syncWorld();
    start();
    sync.onApplicationBootstrap();
    network.connect(
      a,
      honestPeer(() => 5),
    );
    await settle();
    expect(network.asked).toHaveLength(1);
  });
});
