import { setImmediate as settle } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fakeBlock, fakeBlocks } from '../../../test/support/fake-chain.js';
import { encodeStatus, peerId } from '../../../test/support/fake-network.js';
import type { ManualClock } from '../../../test/support/manual-clock.js';
import {
  drippingPeer,
  honestPeer,
  type PeerScript,
  scriptedPeer,
  silence,
} from '../../../test/support/peer-scripts.js';
import { a, b, endWorlds, syncWorld } from '../../../test/support/sync-world.js';
import { NetworkError } from '../network/index.js';

afterEach(endWorlds);

describe('peers with bad blocks', () => {
  const bad: { name: string; script: PeerScript; code: string; stored: number; afterMs?: number }[] = [
    {
      name: 'stalls',
      script: scriptedPeer(90n, async function* (from, signal) {
        yield* fakeBlocks(from, 3);
        await silence(signal);
      }),
      code: 'SYNC.STALLED',
      stored: 3,
      afterMs: 10_000,
    },
    {
      name: 'says nothing at all',
      script: scriptedPeer(90n, async function* (_from, signal) {
        await silence(signal);
        yield fakeBlock(0);
      }),
      code: 'SYNC.STALLED',
      stored: 0,
      afterMs: 10_000,
    },
    {
      name: 'leaves a gap',
      script: scriptedPeer(90n, async function* (from) {
        yield* fakeBlocks(from, 3);
        yield* fakeBlocks(5, 90);
      }),
      code: 'SYNC.BAD_BLOCK',
      stored: 3,
    },
    {
      name: 'goes back',
      script: scriptedPeer(90n, async function* () {
        for (;;) yield* fakeBlocks(0, 0);
      }),
      code: 'SYNC.OUT_OF_ORDER',
      stored: 0,
    },
    {
      name: 'sends a block that fails verification',
      script: scriptedPeer(90n, async function* (from) {
        yield* fakeBlocks(from, 3);
        yield fakeBlock(4, { bad: true });
        yield* fakeBlocks(5, 90);
      }),
      code: 'SYNC.BAD_BLOCK',
      stored: 3,
    },
    {
      name: 'sends an empty block',
      script: scriptedPeer(90n, async function* () {
        yield new Uint8Array();
      }),
      code: 'SYNC.BAD_BLOCK',
      stored: 0,
    },
  ];

  it.each(bad)('drops a peer that $name and takes another', async ({ script, code, stored, afterMs = 0 }) => {
    const { clock, network, chain, start, outcomes } = syncWorld();
    let helper = 0;
    start();
    network.connect(a, script);
    network.connect(
      b,
      honestPeer(() => helper),
    );
    await settle();
    await clock.advanceAsync(afterMs);
    await settle();
    expect(network.faults).toMatchObject([{ peerId: a, code, severity: 'drop' }]);
    expect(outcomes()).toMatchObject([[a, expect.any(Number), code]]);
    expect(chain.head()?.number).toBe(stored);
    helper = 60;
    network.gossip(b, encodeStatus(60n));
    await settle();
    expect(chain.head()?.number).toBe(60);
    expect(outcomes().at(-1)).toEqual([b, 60, 'ok']);
  });

  it('warns when nobody that is ahead gives a good block, and says when it goes on', async () => {
    const { network, log, start } = syncWorld();
    start();
    const liar = scriptedPeer(90n, async function* (from) {
      yield* fakeBlocks(from, 3);
      yield fakeBlock(4, { bad: true });
    });
    network.connect(a, liar);
    network.connect(b, liar);
    await settle();
    await settle();
    const notable = () => log.lines.filter(({ level }) => level !== 'debug');
    expect(notable()).toMatchObject([
      { level: 'warn', fields: { height: 3, peers: 2, code: 'SYNC.BAD_BLOCK' } },
    ]);
    network.connect(
      peerId('c'),
      honestPeer(() => 60),
    );
    await settle();
    await settle();
    expect(notable()).toMatchObject([{ level: 'warn' }, { level: 'info', message: 'sync goes on' }]);
  });

  it('takes another peer when one leaves in the middle', async () => {
    const { network, chain, start, outcomes } = syncWorld();
    start();
    network.connect(
      a,
      scriptedPeer(90n, async function* (from, signal) {
        yield* fakeBlocks(from, 10);
        await silence(signal);
      }),
    );
    network.connect(
      b,
      honestPeer(() => 30),
    );
    await settle();
    network.leave(a);
    await settle();
    await settle();
    expect(chain.head()?.number).toBe(30);
    expect(outcomes()).toEqual([
      [a, 10, 'SYNC.PEER_FAILED'],
      [b, 30, 'ok'],
    ]);
  });

  it('retries once a peer whose stream fails, then drops it', async () => {
    const { clock, network, start, outcomes } = syncWorld();
    const failure = new NetworkError({
      code: 'NETWORK.RPC_FAILED',
      peerId: a,
      path: '/v1.SyncPeer/GetBlocks',
      status: 2,
      details: 'block not found',
    });
    start();
    network.connect(
      a,
      // biome-ignore lint/correctness/useYield: the peer fails before its first block
      scriptedPeer(90n, async function* () {
        throw failure;
      }),
    );
    await clock.advanceAsync(1_000);
    await settle();
    expect(outcomes()).toEqual([
      [a, 0, 'SYNC.PEER_FAILED'],
      [a, 0, 'SYNC.PEER_FAILED'],
    ]);
    expect(network.faults.map(({ severity }) => severity)).toEqual(['retry', 'drop']);
  });

  /** Gives a block every 9 s, inside the deadline. */
  const dripping = (clock: ManualClock): PeerScript =>
    drippingPeer(clock, { claimed: 90, everyMs: 9_000 }, (from) => fakeBlocks(from, 90));

  it('leaves a peer that drips for another one that is ahead', async () => {
    const { clock, network, chain, start, outcomes } = syncWorld();
    start();
    network.connect(a, dripping(clock));
    network.connect(
      b,
      honestPeer(() => 50),
    );
    await clock.advanceAsync(18_000);
    await settle();
    await settle();
    expect(chain.head()?.number).toBe(50);
    expect(outcomes()).toEqual([
      [a, 2, 'SYNC.TOO_SLOW'],
      [b, 50, 'ok'],
    ]);
    expect(network.faults).toMatchObject([{ peerId: a, severity: 'retry' }]);
  });

  it('stays with a slow peer when there is no other', async () => {
    const { clock, network, chain, start, outcomes } = syncWorld();
    start();
    network.connect(a, dripping(clock));
    await clock.advanceAsync(45_000);
    await settle();
    expect(chain.head()?.number).toBe(5);
    expect(outcomes()).toEqual([]);
  });

  it('finishes with one honest peer among nine that stall', async () => {
    const { clock, network, chain, start } = syncWorld();
    start();
    for (let i = 0; i < 9; i++) {
      network.connect(
        peerId(`staller${i}`),
        scriptedPeer(1_000n, async function* (_from, signal) {
          await silence(signal);
          yield fakeBlock(0);
        }),
      );
    }
    network.connect(
      a,
      honestPeer(() => 200),
    );
    await clock.advanceAsync(90_000);
    await settle();
    await settle();
    expect(chain.head()?.number).toBe(200);
    expect(network.list().map(({ peerId: id }) => id)).toEqual([a]);
  });
});
