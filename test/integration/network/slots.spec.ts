import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { ManualClock } from '../../support/manual-clock.js';
import { NetworkNodes } from '../../support/network-nodes.js';
import { testPeerId } from '../../support/peer-ids.js';

/** Nobody is there. */
const NOWHERE = `/ip4/127.0.0.1/tcp/9/p2p/${testPeerId(16)}`;
const byTest = { by: 'test', reason: 'a test' };

describe('slots', () => {
  const nodes = new NetworkNodes();
  afterEach(() => nodes.stop());

  it('a full node takes a visitor for a moment, tells of its peers, and is found through them', async () => {
    const full = await nodes.start({ key: 1, bootnodes: [NOWHERE], config: { maxInboundPeers: 1 } });
    const first = await nodes.start({ key: 2, bootnodes: [full.address] });
    await full.has(first);
    const second = await nodes.start({ key: 3, bootnodes: [full.address] });
    await second.has(first);
    expect(full.table()).toEqual([first.peerId]);
    expect(second.table()).toEqual([first.peerId]);
  });

  it('a visitor that stays is sent away after five seconds, and one more than there are places at once', async () => {
    const clock = new ManualClock();
    const config = { maxInboundPeers: 1, courtesySlots: 1, courtesyMs: 5_000 };
    const full = await nodes.start({ key: 1, clock, config });
    const visitorClock = new ManualClock();
    const [peer, visitor, extra] = [
      await nodes.start({ key: 2 }),
      await nodes.start({ key: 3, clock: visitorClock }),
      await nodes.start({ key: 4 }),
    ];
    await peer.add(full.address);
    const outcome = visitor.add(full.address);
    await eventually(() => full.host.connections().length === 2);
    expect(await extra.add(full.address)).toMatchObject({ stage: 'failed' });
    clock.advance(4_999);
    expect(full.host.connections()).toHaveLength(2);
    clock.advance(1);
    await eventually(() => full.host.connections().length === 1);
    expect(await outcome).toMatchObject({ at: 'handshake', error: { code: 'NETWORK.NO_FREE_SLOT' } });
    expect(full.table()).toEqual([peer.peerId]);
  });

  it('dials wait for an outbound slot, and one that is asked for goes first', async () => {
    const node = await nodes.start({ key: 1, config: { maxOutboundPeers: 1 } });
    const [first, second] = [await nodes.start({ key: 2 }), await nodes.start({ key: 3 })];
    expect(await node.add(first.address)).toEqual({ stage: 'connected' });
    const waiting = node.add(second.address);
    await node.event('peer:dial-queued', ({ address }) => address.peerId === second.peerId);
    expect(node.table()).toEqual([first.peerId]);
    await node.control.remove(first.peerId, byTest);
    expect(await waiting).toEqual({ stage: 'connected' });
    expect(node.table()).toEqual([second.peerId]);
  });

  it('trusted and static peers find a slot in a full node', async () => {
    const trusted = testPeerId(3);
    const config = { maxInboundPeers: 1, maxOutboundPeers: 1, courtesySlots: 0, trustedPeers: [trusted] };
    const full = await nodes.start({ key: 1, config });
    const [stranger, friend, fixed] = [
      await nodes.start({ key: 2 }),
      await nodes.start({ key: 3 }),
      await nodes.start({ key: 4 }),
    ];
    const outbound = await nodes.start({ key: 5 });
    await stranger.add(full.address);
    await full.add(outbound.address);
    expect(await friend.add(full.address)).toEqual({ stage: 'connected' });
    await full.control.setStatic(
      { peerId: fixed.peerId, transport: fixed.host.addresses()[0] ?? '' },
      true,
      byTest,
    );
    await full.has(fixed);
    expect([...full.table()].sort()).toEqual(
      [stranger, friend, outbound, fixed].map(({ peerId }) => peerId).sort(),
    );
  });

  it('a trusted newcomer takes the slot of a stranger when all reserved ones are held', async () => {
    const config = { maxInboundPeers: 1, reservedSlots: 0, trustedPeers: [testPeerId(3)] };
    const full = await nodes.start({ key: 1, config });
    const [stranger, friend] = [await nodes.start({ key: 2 }), await nodes.start({ key: 3 })];
    await stranger.add(full.address);
    await full.has(stranger);
    expect(await friend.add(full.address)).toEqual({ stage: 'connected' });
    const { cause } = await full.event('peer:disconnected', ({ peerId }) => peerId === stranger.peerId);
    expect(cause.code).toBe('NETWORK.EVICTED');
    await full.has(friend);
    expect(full.table()).toEqual([friend.peerId]);
  });
});
