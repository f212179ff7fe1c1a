import { setImmediate as settle } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { honestPeer, scriptedPeer, silence } from '../../../test/support/peer-scripts.js';
import { a, b, c, endWorlds, syncWorld, until } from '../../../test/support/sync-world.js';
import { SyncService } from './sync.service.js';

afterEach(endWorlds);

const nothing = {
  claimedHeight: undefined,
  isSource: false,
  isSetAside: false,
  skippedMs: 0,
  lastFault: undefined,
  betterPeers: 0,
  pausedMs: 0,
};

describe(`${SyncService.name}.peerView`, () => {
  it('knows nothing of a stranger', () => {
    expect(syncWorld().sync.peerView(a)).toEqual(nothing);
  });

  it('tells whom blocks are read from, and how many come before the others', async () => {
    const { network, sync, start } = syncWorld({ settings: { parallelPeers: 1 } });
    start();
    const silent = scriptedPeer(9n, async function* (from, signal) {
      await silence(signal);
      yield* honestPeer(() => 0).blocks(from, signal);
    });
    network.connect(a, silent);
    await until(() => sync.peerView(a).isSource);
    network.connect(
      b,
      honestPeer(() => 5),
    );
    await until(() => sync.peerView(b).claimedHeight === 5);
    expect(sync.peerView(a)).toEqual({ ...nothing, claimedHeight: 9, isSource: true });
    expect(sync.peerView(b)).toEqual({ ...nothing, claimedHeight: 5, betterPeers: 1 });
  });

  it('remembers why a peer is skipped, until it serves well', async () => {
    const { network, sync, clock, start } = syncWorld();
    start();
    let isBad = true;
    network.connect(
      c,
      scriptedPeer(3n, async function* (from, signal) {
        if (isBad) return;
        yield* honestPeer(() => 3).blocks(from, signal);
      }),
    );
    await until(() => sync.peerView(c).lastFault !== undefined);
    const { lastFault, skippedMs } = sync.peerView(c);
    expect(lastFault).toMatchObject({ code: 'SYNC.HEIGHT_NOT_SERVED', atMs: clock.nowMs() });
    expect(skippedMs).toBeGreaterThan(0);
    isBad = false;
    await clock.advanceAsync(skippedMs);
    await settle();
    await until(() => sync.peerView(c).lastFault === undefined);
    expect([...network.useful]).toEqual([c]);
  });
});
