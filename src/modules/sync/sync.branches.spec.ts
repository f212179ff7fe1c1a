import { afterEach, describe, expect, it } from '@jest/globals';
import { fakeBlock, fakeBlocks } from '../../../test/support/fake-chain.js';
import { encodeStatus } from '../../../test/support/fake-network.js';
import { honestPeer, type PeerScript, scriptedPeer, silence } from '../../../test/support/peer-scripts.js';
import { a, b, endWorlds, syncWorld, until } from '../../../test/support/sync-world.js';

afterEach(endWorlds);

/** A peer whose chain leaves ours behind `fork`. */
const onBranch = (height: () => number, fork: number): PeerScript => ({
  status: async () => BigInt(height()),
  async *blocks(from) {
    for (let number = from; number <= height(); number++) {
      const parentBranch = number === fork + 1 ? 0 : 1;
      yield number <= fork ? fakeBlock(number) : fakeBlock(number, { branch: 1, parentBranch });
    }
  },
});

describe('branches', () => {
  it.each([{ fork: 99 }, { fork: 60 }, { fork: 0 }])(
    'follows a peer whose chain leaves ours behind $fork',
    async ({ fork }) => {
      const { network, chain, start } = syncWorld({ height: 100 });
      start();
      network.connect(
        a,
        onBranch(() => 200, fork),
      );
      await until(() => chain.head()?.number === 200);
      expect(await chain.rawBlock(150)).toEqual(fakeBlock(150, { branch: 1 }));
      expect(network.faults).toEqual([]);
      const back = network.asked.map(({ from }) => 101 - Number(from)).filter((depth) => depth > 0);
      expect(back).toEqual([1, 2, 4, 8, 16, 32, 64, 101].filter((depth) => depth < 2 * (100 - fork)));
    },
  );

  it('drops a peer whose branch breaks what is final', async () => {
    const { network, chain, start } = syncWorld({ height: 100 });
    chain.isFinal = true;
    start();
    network.connect(
      a,
      onBranch(() => 200, 95),
    );
    await until(() => network.faults.length > 0);
    expect(network.faults).toMatchObject([{ peerId: a, code: 'SYNC.BAD_BLOCK', severity: 'drop' }]);
    expect(chain.head()?.number).toBe(100);
  });

  it('gives up after a thousand heights', async () => {
    const { network, chain, start } = syncWorld({ height: 3_000 });
    start();
    network.connect(
      a,
      onBranch(() => 3_200, 1_900),
    );
    await until(() => network.faults.length > 0);
    expect(network.faults).toMatchObject([{ peerId: a, code: 'SYNC.BAD_BLOCK' }]);
    expect(Math.min(...network.asked.map(({ from }) => Number(from)))).toBe(2_001);
    expect(chain.head()?.number).toBe(3_000);
  });

  it('looks for the branch of a peer once per head', async () => {
    const { clock, network, chain, start } = syncWorld({ height: 100 });
    start();
    const wrong = scriptedPeer(200n, async function* (from) {
      yield* fakeBlocks(from, 100);
      yield* fakeBlocks(101, 200, { branch: 1 });
    });
    network.connect(a, wrong);
    await until(() => network.faults.length === 1);
    const asked = network.asked.length;
    network.connect(a, wrong);
    await clock.advanceAsync(1_000);
    await until(() => !network.has(a));
    expect(network.asked.length - asked).toBeLessThanOrEqual(1);
    expect(chain.head()?.number).toBe(100);
  });

  it('goes on with others while a branch is looked for', async () => {
    const { network, chain, start } = syncWorld({ height: 100 });
    start();
    network.connect(
      a,
      scriptedPeer(200n, async function* (from, signal) {
        if (from <= 100) await silence(signal);
        yield* fakeBlocks(from, 200, { branch: 1 });
      }),
    );
    network.connect(
      b,
      honestPeer(() => 200),
    );
    await until(() => chain.head()?.number === 200);
    expect(await chain.rawBlock(150)).toEqual(fakeBlock(150));
    network.gossip(b, encodeStatus(200n));
  });
});
