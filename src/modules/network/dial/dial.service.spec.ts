import { describe, expect, it } from '@jest/globals';
import { anAddress, aPeerId, NetworkUnderTest } from '../../../../test/support/network-under-test.js';
import { DialService } from './dial.service.js';
import { DialPriority } from './dial-queue.js';

const { REQUESTED, DISCOVERED } = DialPriority;

describe(DialService.name, () => {
  it('dials, shakes hands and tells of each step', async () => {
    const net = new NetworkUnderTest().start();
    expect(net.dials.enqueue(anAddress(1), DISCOVERED)).toBe(true);
    await net.settle();
    expect(net.story()).toEqual(['peer:dial-queued 1', 'peer:connected 1']);
    expect(net.host.dialed).toEqual([anAddress(1)]);
    expect(net.slots.counts('outbound')).toEqual({ active: 1, pending: 0 });
  });

  it('holds what was queued before the start', async () => {
    const net = new NetworkUnderTest();
    net.dials.enqueue(anAddress(1), REQUESTED);
    await net.settle();
    expect(net.host.dialed).toEqual([]);
    net.start();
    net.start();
    await net.settle();
    expect(net.members()).toEqual([1]);
  });

  it('has as many dials under way as there are slots, and goes on as they end, requested ones first', async () => {
    const net = new NetworkUnderTest({ config: { maxOutboundPeers: 2, dialTimeoutMs: 1_000 } }).start();
    net.host.dialScript = () => 'hang';
    for (const n of [1, 2, 3, 4]) net.dials.enqueue(anAddress(n), DISCOVERED);
    net.dials.enqueue(anAddress(5), REQUESTED);
    await net.settle();
    expect(net.dialedNumbers()).toEqual([1, 2]);
    expect(net.slots.counts('outbound')).toEqual({ active: 0, pending: 2 });
    await net.settle(1_000);
    expect(net.dialedNumbers()).toEqual([1, 2, 5, 3]);
    expect(net.story('peer:dial-failed')).toEqual([
      'peer:dial-failed 1 NETWORK.DIAL_TIMEOUT',
      'peer:dial-failed 2 NETWORK.DIAL_TIMEOUT',
    ]);
  });

  it('fills a slot that a peer leaves', async () => {
    const net = new NetworkUnderTest({ config: { maxOutboundPeers: 1 } }).start();
    net.dials.enqueue(anAddress(1), DISCOVERED);
    net.dials.enqueue(anAddress(2), DISCOVERED);
    await net.settle();
    expect(net.members()).toEqual([1]);
    net.host.closePeer(aPeerId(1));
    await net.settle();
    expect(net.members()).toEqual([2]);
  });

  it.each([
    { name: 'ourselves', address: anAddress(0), n: 0 },
    { name: 'an address without transport part', address: { ...anAddress(1), transport: '' }, n: 1 },
  ])('does not dial $name, but says so', async ({ address, n }) => {
    const net = new NetworkUnderTest().start();
    net.dials.enqueue(address, REQUESTED);
    await net.settle();
    expect(net.host.dialed).toEqual([]);
    expect(net.story()).toEqual([`peer:dial-queued ${n}`, `peer:dial-failed ${n} NETWORK.DIAL_FAILED`]);
    expect(net.slots.counts('outbound')).toEqual({ active: 0, pending: 0 });
  });

  it('names an error of another kind', async () => {
    const net = new NetworkUnderTest().start();
    net.host.dialScript = () => {
      throw new Error('no route');
    };
    net.dials.enqueue(anAddress(1), DISCOVERED);
    await net.settle();
    expect(net.story('peer:dial-failed')).toEqual(['peer:dial-failed 1 NETWORK.DIAL_FAILED']);
  });

  describe('turns down', () => {
    it('a peer that is connected, under way or queued', async () => {
      const net = new NetworkUnderTest({ config: { maxOutboundPeers: 1 } }).start();
      await net.connect(1);
      net.host.dialScript = () => 'hang';
      expect(net.dials.enqueue(anAddress(1), DISCOVERED)).toBe(false);
      expect(net.dials.enqueue(anAddress(1), REQUESTED)).toBe(false);
      expect(net.dials.enqueue(anAddress(2), DISCOVERED)).toBe(true);
      expect(net.dials.enqueue(anAddress(2), DISCOVERED)).toBe(false);
      expect(net.dials.enqueue(anAddress(3), DISCOVERED)).toBe(true);
      expect(net.dials.enqueue(anAddress(3), DISCOVERED)).toBe(false);
      expect(net.dials.enqueue(anAddress(3), REQUESTED)).toBe(true);
      await net.settle();
      expect(net.dialedNumbers()).toEqual([2]);
    });

    it('one that came in while it waited', async () => {
      const net = new NetworkUnderTest({ config: { maxOutboundPeers: 1 } }).start();
      net.dials.enqueue(anAddress(1), DISCOVERED);
      net.dials.enqueue(anAddress(2), DISCOVERED);
      await net.connect(2);
      net.host.closePeer(aPeerId(1));
      await net.settle();
      expect(net.dialedNumbers()).toEqual([1]);
    });

    it.each([
      {
        name: 'that could not be reached',
        fail: (net: NetworkUnderTest) => {
          net.host.dialScript = () => 'refuse';
        },
      },
      {
        name: 'whose handshake failed',
        fail: (net: NetworkUnderTest) => {
          net.hellos.set(aPeerId(1), { chain: 7 });
        },
      },
    ])('one $name, until its backoff is over, unless an operator asks', async ({ fail }) => {
      const net = new NetworkUnderTest().start();
      fail(net);
      net.dials.enqueue(anAddress(1), DISCOVERED);
      await net.settle();
      expect(net.dials.enqueue(anAddress(1), DISCOVERED)).toBe(false);
      await net.settle(500);
      expect(net.dials.enqueue(anAddress(1), DISCOVERED)).toBe(true);
      await net.settle(999);
      expect(net.dials.enqueue(anAddress(1), DISCOVERED)).toBe(false);
      expect(net.dials.enqueue(anAddress(1), REQUESTED)).toBe(true);
      await net.settle();
      expect(net.host.dialed).toHaveLength(3);
    });
  });

  it('does not hold the misfortune of an inbound peer against its address', async () => {
    const net = new NetworkUnderTest({ config: { maxInboundPeers: 0 } }).start();
    await net.connect(1, 'inbound');
    expect(net.story()).toEqual(['peer:handshake-failed 1 NETWORK.NO_FREE_SLOT']);
    expect(net.dials.enqueue(anAddress(1), DISCOVERED)).toBe(true);
  });

  it('remembers the latest addresses that led to a peer', async () => {
    const net = new NetworkUnderTest({ config: { maxOutboundPeers: 100 } }).start();
    net.hellos.set(aPeerId(1), { chain: 7 });
    for (let n = 1; n <= 70; n++) net.dials.enqueue(anAddress(n), DISCOVERED);
    await net.settle();
    expect(net.dials.reachable()).toHaveLength(64);
    expect(net.dials.reachable().at(-1)).toEqual(anAddress(70));
    expect(net.dials.reachable()).not.toContainEqual(anAddress(1));
  });

  it.each([
    { name: 'a temporary connection', hello: { temporaryDial: true } },
    { name: 'a failed handshake', hello: { chain: 7 } },
  ])('does not remember the address of $name', async ({ hello }) => {
    const net = new NetworkUnderTest().start();
    net.hellos.set(aPeerId(1), hello);
    net.dials.enqueue(anAddress(1), DISCOVERED);
    await net.settle();
    net.host.closePeer(aPeerId(1));
    net.hellos.delete(aPeerId(1));
    await net.connect(1, 'inbound');
    expect(net.members()).toEqual([1]);
    expect(net.dials.reachable()).toEqual([]);
  });

  it('uses a connection that came in while it dialed', async () => {
    const net = new NetworkUnderTest({ config: { dialTimeoutMs: 1_000 } }).start();
    net.host.dialScript = () => 'hang';
    net.dials.enqueue(anAddress(1), DISCOVERED);
    await net.connect(1, 'inbound');
    await net.settle(1_000);
    expect(net.members()).toEqual([1]);
    expect(net.slots.counts('outbound')).toEqual({ active: 0, pending: 0 });
    expect(net.slots.counts('inbound')).toEqual({ active: 1, pending: 0 });
  });

  it('stops at any time: dials under way are cancelled and nothing is announced', async () => {
    const net = new NetworkUnderTest().start();
    net.host.dialScript = () => 'hang';
    net.dials.enqueue(anAddress(1), REQUESTED);
    await net.stop();
    await net.settle(60_000);
    expect(net.dials.enqueue(anAddress(2), REQUESTED)).toBe(false);
    expect(net.story()).toEqual(['peer:dial-queued 1']);
    expect(net.clock.pendingTimers).toBe(0);
    expect(net.slots.counts('outbound')).toEqual({ active: 0, pending: 0 });
  });

  it('may be stopped before it starts', async () => {
    const net = new NetworkUnderTest();
    net.dials.enqueue(anAddress(1), REQUESTED);
    net.dials.stop();
    net.start();
    await net.settle();
    expect(net.host.dialed).toEqual([]);
  });
});
