import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { aPeerId, IdentityUnderTest } from '../../../../test/support/identity-under-test.js';
import { StatusSchema } from '../../../gen/v1/identity_pb.js';
import { CROWD, ESTABLISHED_AFTER_MS } from '../slots/choose-eviction.js';
import { Admission } from './admission.js';

const FREE = { active: 0, pending: 0 };

/** Addresses of one network, such as `subnet(7)`. */
const subnet = (n: number) => `/ip4/192.0.${n}.1/tcp/1478`;

/** A node with two inbound slots, both taken by peers 1 and 2. */
async function aFullNode(config = {}): Promise<IdentityUnderTest> {
  const net = new IdentityUnderTest({ maxInboundPeers: 2, courtesySlots: 0, ...config }).start();
  await net.connect(1, 'inbound', subnet(1));
  await net.connect(2, 'inbound', subnet(2));
  return net;
}

describe(Admission.name, () => {
  it('refuses a newcomer that is worth no more than those that are here', async () => {
    const net = await aFullNode();
    await net.connect(3);
    expect(net.members()).toEqual([1, 2]);
    expect(net.connected()).toEqual([1, 2]);
    expect(net.story('peer:handshake-failed')).toEqual(['peer:handshake-failed 3 NETWORK.NO_FREE_SLOT']);
    expect(net.protocols.calls).toHaveLength(2);
  });

  it('lets a pinned peer in by the reserved slots', async () => {
    const net = await aFullNode({ reservedSlots: 1 });
    net.standing.pinned.add(aPeerId(3));
    await net.connect(3);
    expect(net.members()).toEqual([1, 2, 3]);
    expect(net.slots.usage()).toMatchObject({ inbound: { active: 2, pending: 0 }, reserved: 1 });
  });

  describe('when a newcomer is worth more', () => {
    it('gives it the slot of another, which hears why', async () => {
      const net = await aFullNode();
      net.standing.knownGood.add(aPeerId(2)).add(aPeerId(3));
      net.host.open(aPeerId(3), 'inbound');
      expect(net.slots.counts('inbound')).toEqual({ active: 1, pending: 1 });
      await net.settle();
      expect(net.members()).toEqual([2, 3]);
      expect(net.connected()).toEqual([2, 3]);
      expect(net.slots.counts('inbound')).toEqual({ active: 2, pending: 0 });
      expect(net.story('peer:disconnected')).toEqual(['peer:disconnected 1 NETWORK.EVICTED']);
      expect(net.standing.judged).toEqual([]);
    });

    it('keeps those that are long here and of use', async () => {
      const net = await aFullNode();
      await net.settle(ESTABLISHED_AFTER_MS);
      for (const n of [1, 2]) net.slots.markUseful(aPeerId(n), net.clock.nowMs());
      net.standing.knownGood.add(aPeerId(3));
      await net.connect(3);
      expect(net.members()).toEqual([1, 2]);
    });

    it('lets a pinned one in even so, and pinned ones stay', async () => {
      const net = await aFullNode({ reservedSlots: 0 });
      await net.settle(ESTABLISHED_AFTER_MS);
      for (const n of [1, 2]) net.slots.markUseful(aPeerId(n), net.clock.nowMs());
      for (const n of [3, 4, 5]) net.standing.pinned.add(aPeerId(n));
      for (const n of [3, 4, 5]) await net.connect(n);
      expect(net.members()).toEqual([3, 4]);
      expect(net.story('peer:handshake-failed')).toEqual(['peer:handshake-failed 5 NETWORK.NO_FREE_SLOT']);
    });

    it('lets a pinned one cut a handshake short', async () => {
      const net = new IdentityUnderTest({ maxInboundPeers: 1, reservedSlots: 0 }).start();
      net.hellos.set(aPeerId(1), undefined);
      await net.connect(1);
      net.standing.pinned.add(aPeerId(2));
      await net.connect(2);
      expect(net.members()).toEqual([2]);
      expect(net.story('peer:handshake-failed')).toEqual(['peer:handshake-failed 1 NETWORK.EVICTED']);
      expect(net.standing.judged).toEqual([]);
    });

    it('evicts the youngest of a crowd for one from elsewhere, once', async () => {
      const net = new IdentityUnderTest({ maxInboundPeers: CROWD, courtesySlots: 0 }).start();
      for (let n = 1; n <= CROWD; n++) {
        await net.connect(n, 'inbound', subnet(1));
        await net.settle(1);
      }
      await net.connect(4, 'inbound', subnet(4));
      await net.connect(5, 'inbound', subnet(5));
      expect(net.members()).toEqual([1, 2, 4]);
    });

    it('evicts one with faults', async () => {
      const net = await aFullNode();
      net.standing.scores.set(aPeerId(1), -30);
      await net.connect(3);
      expect(net.members()).toEqual([2, 3]);
    });

    it('has no use for outbound slots, nor for those of peers that are leaving', async () => {
      const net = new IdentityUnderTest({ maxInboundPeers: 1, courtesySlots: 0 }).start();
      await net.connect(1, 'outbound');
      await net.connect(2);
      net.host.disconnect = async () => {};
      net.standing.expulsions.next({ peerId: aPeerId(2), cause: net.standing.fault(2) });
      net.standing.knownGood.add(aPeerId(3));
      await net.connect(3);
      expect(net.members()).toEqual([1, 2]);
      expect(net.story('peer:handshake-failed')).toEqual(['peer:handshake-failed 3 NETWORK.NO_FREE_SLOT']);
    });

    it('evicts nobody for a connection of our own', async () => {
      const net = new IdentityUnderTest({ maxInboundPeers: 1, maxOutboundPeers: 0 }).start();
      await net.connect(1);
      net.standing.knownGood.add(aPeerId(2));
      await net.connect(2, 'outbound');
      expect(net.members()).toEqual([1]);
      expect(net.slots.usage().courtesy).toBe(0);
    });

    it('lets the evicted one try again, as a newcomer', async () => {
      const net = await aFullNode();
      net.standing.knownGood.add(aPeerId(2)).add(aPeerId(3));
      await net.connect(3);
      net.host.closePeer(aPeerId(2));
      await net.connect(1);
      expect(net.members()).toEqual([3, 1]);
      net.host.closePeer(aPeerId(3));
      net.host.closePeer(aPeerId(1));
      expect(net.slots.counts('inbound')).toEqual(FREE);
    });
  });

  describe('when all slots are taken', () => {
    const greetingOf = (net: IdentityUnderTest) => {
      const call = net.protocols.calls.at(-1);
      return fromBinary(StatusSchema, call?.request ?? new Uint8Array());
    };

    it('completes the handshake of a visitor as a temporary dial, both ways', async () => {
      const net = await aFullNode({ courtesySlots: 1 });
      await net.connect(3);
      expect(greetingOf(net).temporaryDial).toBe(true);
      expect(net.hello.statusFor(aPeerId(3)).temporaryDial).toBe(true);
      expect(net.hello.statusFor(aPeerId(2)).temporaryDial).toBe(false);
      expect(net.members()).toEqual([1, 2]);
      expect(net.connected()).toEqual([1, 2, 3]);
      expect(net.slots.usage()).toMatchObject({ inbound: { active: 2, pending: 0 }, courtesy: 1 });
    });

    it.each([
      { name: 'that was greeted', hello: {} },
      { name: 'that never answers', hello: undefined },
    ])('sends a visitor $name off in time, without an event', async ({ hello }) => {
      const net = await aFullNode({ courtesySlots: 1, courtesyMs: 5_000 });
      const before = net.story().length;
      net.hellos.set(aPeerId(3), hello);
      await net.connect(3);
      await net.settle(4_999);
      expect(net.connected()).toEqual([1, 2, 3]);
      await net.settle(1);
      expect(net.connected()).toEqual([1, 2]);
      expect(net.story()).toHaveLength(before);
      expect(net.slots.usage().courtesy).toBe(0);
      expect(net.hello.statusFor(aPeerId(3)).temporaryDial).toBe(false);
      expect(net.clock.pendingTimers).toBe(0);
    });

    it('lets the visitor ask once', async () => {
      const net = await aFullNode({ courtesySlots: 1 });
      const visitor = await net.connect(3);
      expect([net.slots.takeQuestion(visitor), net.slots.takeQuestion(visitor)]).toEqual([true, false]);
    });

    it('never makes a peer of a visitor, also when a slot comes free', async () => {
      const net = await aFullNode({ courtesySlots: 1 });
      net.hellos.set(aPeerId(3), undefined);
      await net.connect(3);
      net.host.closePeer(aPeerId(1));
      net.host.open(aPeerId(3), 'inbound');
      await net.settle(net.config.courtesyMs);
      expect(net.members()).toEqual([2]);
      expect(net.connected()).toEqual([2]);
    });

    it('refuses those beyond the courtesy slots before Hello', async () => {
      const net = await aFullNode({ courtesySlots: 1 });
      await net.connect(3);
      await net.connect(4);
      expect(net.connected()).toEqual([1, 2, 3]);
      expect(net.story('peer:handshake-failed')).toEqual(['peer:handshake-failed 4 NETWORK.NO_FREE_SLOT']);
      expect(net.protocols.calls).toHaveLength(3);
    });

    it('judges a visitor of another chain as any other', async () => {
      const net = await aFullNode({ courtesySlots: 1 });
      net.hellos.set(aPeerId(3), { chain: 7 });
      await net.connect(3);
      expect(net.connected()).toEqual([1, 2]);
      expect(net.story('peer:quarantined')).toEqual(['peer:quarantined 3 NETWORK.CHAIN_MISMATCH']);
      expect(net.slots.usage().courtesy).toBe(0);
    });
  });
});
