import { setImmediate as settle } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fakeBlocks } from '../../../test/support/fake-chain.js';
import { honestPeer, scriptedPeer, silence } from '../../../test/support/peer-scripts.js';
import { a, b, endWorlds, syncWorld, until } from '../../../test/support/sync-world.js';

afterEach(endWorlds);

describe('a pause', () => {
  it('fetches nothing, whoever comes, and goes on from the head', async () => {
    const { network, chain, sync, start } = syncWorld();
    start();
    sync.pause();
    sync.pause();
    network.connect(
      a,
      honestPeer(() => 20),
    );
    network.connect(
      b,
      honestPeer(() => 30),
    );
    await settle();
    await settle();
    expect(chain.head()?.number ?? 0).toBe(0);
    expect(sync.progress()).toMatchObject({ state: 'paused', highestHeight: 30, peers: 0 });
    sync.resume();
    sync.resume();
    await until(() => chain.head()?.number === 30);
    await until(() => sync.progress().state === 'idle');
    expect(network.faults).toEqual([]);
  });

  it('ends what is being fetched and blames nobody', async () => {
    const { network, chain, sync, start, outcomes } = syncWorld();
    start();
    network.connect(
      a,
      scriptedPeer(90n, async function* (from, signal) {
        yield* fakeBlocks(from, 3);
        await silence(signal);
      }),
    );
    await until(() => sync.progress().state === 'syncing');
    sync.pause();
    await until(() => outcomes().length === 1);
    expect(outcomes()[0]?.[2]).toBe('SYNC.CANCELLED');
    expect(sync.progress().state).toBe('paused');
    expect(chain.head()?.number).toBeLessThanOrEqual(3);
    expect(network.faults).toEqual([]);
  });

  it('may be asked for before the start and be in force at the stop', async () => {
    const { sync, start, stop } = syncWorld();
    sync.pause();
    start();
    expect(sync.isPaused).toBe(true);
    await stop();
    expect(sync.progress().state).toBe('stopped');
  });
});
