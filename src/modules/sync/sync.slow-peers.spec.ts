import { setImmediate as settle } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fakeBlocks } from '../../../test/support/fake-chain.js';
import type { ManualClock } from '../../../test/support/manual-clock.js';
import { drippingPeer, type PeerScript } from '../../../test/support/peer-scripts.js';
import { a, b, c, endWorlds, syncWorld, until, wiredPeer } from '../../../test/support/sync-world.js';

afterEach(endWorlds);

describe('slow peers among several', () => {
  const slowPeer = (clock: ManualClock, height: number, everyMs: number): PeerScript =>
    drippingPeer(clock, { claimed: height, everyMs }, (from) => fakeBlocks(from, height));

  it('does not let a slow peer hold up those that wait for it', async () => {
    const settings = { batchBlocks: 10, bufferBlocks: 60, rangeBlocks: 100, holdUpMs: 3_000 };
    const { clock, network, chain, start, outcomes } = syncWorld({ settings });
    start();
    network.connect(a, slowPeer(clock, 500, 400));
    network.connect(b, wiredPeer(500));
    await clock.advanceAsync(3_100);
    await until(() => chain.head()?.number === 500);
    expect(outcomes()).toContainEqual([a, 7, 'SYNC.TOO_SLOW']);
    expect(network.faults).toMatchObject([{ peerId: a, severity: 'retry' }]);
  });

  it('has a much faster peer take over from a slow one at the end', async () => {
    const settings = { rangeBlocks: 100, holdUpMs: 3_000 };
    const { clock, network, chain, start, outcomes } = syncWorld({ settings });
    start();
    network.connect(a, slowPeer(clock, 200, 400));
    network.connect(b, wiredPeer(200));
    await clock.advanceAsync(3_100);
    await until(() => chain.head()?.number === 200);
    expect(outcomes()).toContainEqual([a, 7, 'SYNC.TOO_SLOW']);
  });

  it('bears with peers that are all slow', async () => {
    const settings = { rangeBlocks: 20, holdUpMs: 3_000 };
    const { clock, network, chain, start } = syncWorld({ settings });
    start();
    for (const id of [a, b, c]) network.connect(id, slowPeer(clock, 90, 400));
    await clock.advanceAsync(40_000);
    await settle();
    expect(chain.head()?.number).toBe(90);
    expect(network.faults).toEqual([]);
  });

  it('measures its rate and estimates the end', async () => {
    const { clock, network, progress, start } = syncWorld({ settings: { slowPeerBlocks: 0 } });
    start();
    network.connect(a, slowPeer(clock, 100, 100));
    await clock.advanceAsync(5_000);
    await settle();
    const { blocksPerSecond, secondsLeft, peers } = progress.at(-1) ?? {};
    expect(peers).toBe(1);
    expect(blocksPerSecond).toBeCloseTo(10, 0);
    expect(secondsLeft).toBeCloseTo(5, 0);
  });
});
