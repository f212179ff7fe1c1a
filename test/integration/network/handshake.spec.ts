import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { ManualClock } from '../../support/manual-clock.js';
import { NetworkNodes } from '../../support/network-nodes.js';

const GENESIS = `0x${'11'.repeat(32)}`;
const OTHER_GENESIS = `0x${'22'.repeat(32)}`;

describe('handshake', () => {
  const nodes = new NetworkNodes();
  afterEach(() => nodes.stop());

  it('each side lists the other, once, with the direction of the connection', async () => {
    const [dialer, listener] = [await nodes.start({ key: 1 }), await nodes.start({ key: 2 })];
    expect(await dialer.add(listener.address)).toEqual({ stage: 'connected' });
    await listener.has(dialer);
    expect(dialer.peers.list()).toMatchObject([{ peerId: listener.peerId, directions: ['outbound'] }]);
    expect(listener.peers.list()).toMatchObject([{ peerId: dialer.peerId, directions: ['inbound'] }]);
    expect(dialer.events.filter(({ type }) => type === 'peer:connected')).toHaveLength(1);
  });

  it.each([
    { name: 'another chain', ours: { chainId: 100 }, theirs: { chainId: 101 } },
    { name: 'another genesis', ours: { genesisHash: GENESIS }, theirs: { genesisHash: OTHER_GENESIS } },
  ])('parts from a node of $name and leaves it alone for a while', async ({ ours, theirs }) => {
    const clock = new ManualClock();
    const config = { quarantineMs: 60_000 };
    const node = await nodes.start({ key: 1, clock, config, ...ours });
    const stranger = await nodes.start({ key: 2, ...theirs });
    expect(await node.add(stranger.address)).toMatchObject({
      stage: 'failed',
      at: 'handshake',
      error: { code: 'NETWORK.CHAIN_MISMATCH' },
    });
    await stranger.event('peer:handshake-failed', ({ error }) => error.code !== 'NETWORK.NO_FREE_SLOT');
    await node.event('peer:quarantined', ({ peerId }) => peerId === stranger.peerId);
    expect([node.table(), stranger.table()]).toEqual([[], []]);
    const again = await node.add(stranger.address);
    expect(again).toMatchObject({ at: 'queue', error: { code: 'NETWORK.QUARANTINED' } });

    clock.advance(60_001);
    expect(await node.add(stranger.address)).toMatchObject({ error: { code: 'NETWORK.CHAIN_MISMATCH' } });
  });

  it('a genesis hash that only one side knows is no difference', async () => {
    const node = await nodes.start({ key: 1, genesisHash: GENESIS });
    const other = await nodes.start({ key: 2 });
    expect(await node.add(other.address)).toEqual({ stage: 'connected' });
  });

  it('of two dials at the same time one connection is left on each side', async () => {
    for (let round = 0; round < 4; round++) {
      const [one, two] = [await nodes.start({ key: 1 }), await nodes.start({ key: 2 })];
      await Promise.all([one.add(two.address), two.add(one.address)]);
      await Promise.all([one.has(two), two.has(one)]);
      await eventually(() => one.host.connections().length === 1 && two.host.connections().length === 1);
      expect([one.table(), two.table()]).toEqual([[two.peerId], [one.peerId]]);
      expect(one.events.some(({ type }) => type === 'peer:disconnected')).toBe(false);
      await nodes.stop();
    }
  });

  it('a node that comes back under its key is taken back', async () => {
    const listener = await nodes.start({ key: 1 });
    const first = await nodes.start({ key: 2 });
    await first.add(listener.address);
    await listener.has(first);
    await first.stop();
    await listener.lacks(first);
    const second = await nodes.start({ key: 2 });
    expect(await second.add(listener.address)).toEqual({ stage: 'connected' });
    await listener.has(second);
    expect(listener.table()).toEqual([second.peerId]);
  });

  it('an address where another node answers leads nowhere', async () => {
    const [one, two] = [await nodes.start({ key: 1 }), await nodes.start({ key: 2 })];
    const wrong = two.address.replace(two.peerId, (await nodes.start({ key: 3 })).peerId);
    expect(await one.add(wrong)).toMatchObject({ at: 'dial', error: { code: 'NETWORK.DIAL_FAILED' } });
    expect(one.table()).toEqual([]);
  });

  it('shutting down in the middle of a handshake leaves no timer', async () => {
    const clock = new ManualClock();
    const one = await nodes.start({ key: 1, clock });
    const two = await nodes.start({ key: 2, clock });
    const outcome = one.add(two.address);
    await Promise.all([one.stop(), two.stop()]);
    expect((await outcome).stage).toMatch(/^(connected|failed)$/);
    await eventually(() => clock.pendingTimers === 0);
  });
});
