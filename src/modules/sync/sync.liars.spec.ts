import { setImmediate as settle } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { encodeStatus, peerId } from '../../../test/support/fake-network.js';
import { honestPeer, type PeerScript } from '../../../test/support/peer-scripts.js';
import { a, b, endWorlds, syncWorld } from '../../../test/support/sync-world.js';

afterEach(endWorlds);

describe('peers that lie about their height', () => {
  it('refuses heights beyond all reason and syncs from the honest peer', async () => {
    const { network, chain, start, outcomes } = syncWorld();
    start();
    network.connect(a, { ...honestPeer(() => 3), status: async () => 2n ** 63n });
    network.connect(
      b,
      honestPeer(() => 40),
    );
    await settle();
    await settle();
    expect(network.faults).toMatchObject([{ peerId: a, code: 'SYNC.IMPLAUSIBLE_HEIGHT', severity: 'drop' }]);
    expect(chain.head()?.number).toBe(40);
    expect(outcomes()).toEqual([[b, 40, 'ok']]);
  });

  it('forgives once a height that is not served, then drops', async () => {
    const { clock, network, chain, start, outcomes } = syncWorld();
    start();
    network.connect(a, { ...honestPeer(() => 20), status: async () => 999_999n });
    network.connect(
      b,
      honestPeer(() => 40),
    );
    await settle();
    await settle();
    expect(chain.head()?.number).toBe(40);
    expect(network.faults).toMatchObject([{ peerId: a, code: 'SYNC.HEIGHT_NOT_SERVED', severity: 'retry' }]);
    await clock.advanceAsync(999);
    expect(outcomes()).toEqual([
      [a, 20, 'SYNC.HEIGHT_NOT_SERVED'],
      [b, 40, 'ok'],
    ]);
    await clock.advanceAsync(1);
    await settle();
    expect(network.faults.at(-1)).toMatchObject({ code: 'SYNC.HEIGHT_NOT_SERVED', severity: 'drop' });
    expect(network.has(a)).toBe(false);
  });

  it('forgives again after a good round', async () => {
    const { clock, network, chain, start } = syncWorld();
    let height = 20;
    start();
    network.connect(a, { ...honestPeer(() => height), status: async () => 30n });
    await settle();
    height = 30;
    await clock.advanceAsync(1_000);
    await settle();
    expect(chain.head()?.number).toBe(30);
    network.gossip(a, encodeStatus(31n));
    await settle();
    expect(network.faults.map(({ severity }) => severity)).toEqual(['retry', 'retry']);
  });

  it('leaves a liar alone longer each time, also when it reconnects', async () => {
    const { clock, network, start } = syncWorld();
    const liar: PeerScript = { ...honestPeer(() => 0), status: async () => 500n };
    start();
    const waits: number[] = [];
    let lastAtMs = 0;
    for (let elapsed = 0; elapsed < 200_000; elapsed += 500) {
      if (!network.has(a)) network.connect(a, liar);
      const asked = network.asked.length;
      await clock.advanceAsync(500);
      await settle();
      if (network.asked.length > asked) {
        waits.push(clock.monotonicMs() - lastAtMs);
        lastAtMs = clock.monotonicMs();
      }
    }
    expect(waits.length).toBeLessThan(12);
    expect(waits.slice(2, 7)).toEqual([2_000, 4_000, 8_000, 16_000, 32_000]);
    expect(Math.max(...waits)).toBeLessThanOrEqual(60_500);
  });

  it('neither spins nor hangs when all peers are bad, and goes on when a good one comes', async () => {
    const { clock, network, chain, start, outcomes } = syncWorld();
    start();
    for (let i = 0; i < 9; i++) {
      network.connect(peerId(`liar${i}`), {
        ...honestPeer(() => 0),
        status: async () => 1_000n + BigInt(i),
      });
    }
    await settle();
    await settle();
    expect(outcomes()).toHaveLength(9);
    await settle();
    expect(outcomes()).toHaveLength(9);
    network.connect(
      a,
      honestPeer(() => 70),
    );
    await settle();
    await settle();
    expect(chain.head()?.number).toBe(70);
    await clock.advanceAsync(1_000);
    await settle();
    expect(network.list().map(({ peerId: id }) => id)).toEqual([a]);
  });
});
