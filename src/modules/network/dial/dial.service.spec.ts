import { describe, expect, it } from '@jest/globals';
import { ListedCandidates } from '../../../../test/support/listed-candidates.js';
import {
  anAddress,
  aPeerId,
  NetworkUnderTest,
  type NetworkUnderTestOptions,
} from '../../../../test/support/network-under-test.js';
import { NetworkError } from '../network.errors.js';
import { DialService } from './dial.service.js';

function aNetwork(options: NetworkUnderTestOptions = {}) {
  const candidates = new ListedCandidates();
  return { net: new NetworkUnderTest({ ...options, candidates }), candidates };
}

describe(DialService.name, () => {
  it('dials, shakes hands and tells of each step', async () => {
    const { net } = aNetwork();
    net.start().dials.keep([anAddress(1)]);
    await net.settle();
    expect(net.story()).toEqual(['peer:dial-queued 1', 'peer:dial-started 1', 'peer:connected 1']);
    expect(net.host.dialed).toEqual([anAddress(1)]);
    expect(net.slots.counts('outbound')).toEqual({ active: 1, pending: 0 });
  });

  it('holds what was queued before the start', async () => {
    const { net } = aNetwork();
    net.dials.request(anAddress(1));
    await net.settle();
    expect(net.host.dialed).toEqual([]);
    net.start();
    net.start();
    await net.settle();
    expect(net.members()).toEqual([1]);
  });

  it('has as many dials under way as there are slots, requested ones first, then kept, then candidates', async () => {
    const { net, candidates } = aNetwork({ config: { maxOutboundPeers: 2, dialTimeoutMs: 1_000 } });
    net.host.dialScript = () => 'hang';
    net.start();
    candidates.add(anAddress(1), anAddress(2), anAddress(3));
    net.dials.keep([anAddress(4)]);
    net.dials.request(anAddress(5));
    await net.settle();
    expect(net.dialedNumbers()).toEqual([1, 2]);
    expect(net.slots.counts('outbound')).toEqual({ active: 0, pending: 2 });
    await net.settle(1_000);
    expect(net.dialedNumbers()).toEqual([1, 2, 5, 4]);
    await net.settle(1_000);
    expect(net.dialedNumbers()).toEqual([1, 2, 5, 4, 3]);
    expect(net.story('peer:dial-failed').slice(0, 2)).toEqual([
      'peer:dial-failed 1 NETWORK.DIAL_TIMEOUT',
      'peer:dial-failed 2 NETWORK.DIAL_TIMEOUT',
    ]);
  });

  it('logs a failed dial by its code', async () => {
    const { net } = aNetwork({ config: { dialTimeoutMs: 1_000 } });
    net.host.dialScript = () => 'hang';
    net.start().dials.request(anAddress(1));
    await net.settle(1_000);
    const failed = net.log.lines.find(({ message }) => message === 'dial failed');
    expect(failed?.fields).toEqual({
      peerId: aPeerId(1),
      code: 'NETWORK.DIAL_TIMEOUT',
      error: expect.stringContaining('took more than 1000 ms'),
    });
  });

  it('fills a slot that a peer leaves', async () => {
    const { net, candidates } = aNetwork({ config: { maxOutboundPeers: 1 } });
    net.start();
    candidates.add(anAddress(1), anAddress(2));
    await net.settle();
    expect(net.members()).toEqual([1]);
    net.host.closePeer(aPeerId(1));
    await net.settle();
    expect(net.members()).toEqual([2]);
  });

  it('dials pinned peers when the ordinary slots are full, past others that wait', async () => {
    const { net } = aNetwork({ config: { maxOutboundPeers: 1 } });
    net.host.dialScript = () => 'hang';
    net.start();
    net.dials.request(anAddress(1));
    net.dials.request(anAddress(2));
    await net.pinned.setTrusted(aPeerId(3), true);
    net.dials.keep([anAddress(3)]);
    await net.settle();
    expect(net.dialedNumbers()).toEqual([1, 3]);
  });

  it('tells where outbound connections and dials go, so that candidates can be chosen elsewhere', async () => {
    const { net, candidates } = aNetwork();
    net.host.dialScript = ({ peerId }) => (peerId === aPeerId(2) ? 'hang' : 'connect');
    net.start();
    await net.connect(9, 'inbound');
    net.dials.keep([anAddress(1), anAddress(2)]);
    await net.settle();
    candidates.add();
    expect(candidates.occupied.at(-1)).toEqual([anAddress(1).transport, anAddress(2).transport]);
  });

  describe('leaves out', () => {
    it('a peer that is connected, under way or queued', async () => {
      const { net, candidates } = aNetwork({ config: { maxOutboundPeers: 2 } });
      net.start();
      await net.connect(1);
      net.host.dialScript = () => 'hang';
      net.dials.keep([anAddress(1), anAddress(2), anAddress(2)]);
      expect(net.dials.request(anAddress(1))).toBeUndefined();
      candidates.add(anAddress(1), anAddress(2));
      await net.settle();
      expect(net.story('peer:dial-queued')).toEqual(['peer:dial-queued 2']);
      expect(net.dialedNumbers()).toEqual([2]);
      expect(candidates.waiting).toEqual([anAddress(1), anAddress(2)]);
    });

    it('one that came in while it waited', async () => {
      const { net } = aNetwork({ config: { maxOutboundPeers: 1 } });
      net.start().dials.keep([anAddress(1), anAddress(2)]);
      await net.connect(2);
      net.host.closePeer(aPeerId(2));
      net.host.closePeer(aPeerId(1));
      await net.settle();
      expect(net.dialedNumbers()).toEqual([1]);
    });

    it.each([
      {
        name: 'could not be reached',
        fail: (net: NetworkUnderTest) => {
          net.host.dialScript = () => 'refuse';
        },
      },
      {
        name: 'did not shake hands',
        fail: (net: NetworkUnderTest) => {
          net.hellos.set(aPeerId(1), new Error('broken pipe'));
        },
      },
      {
        name: 'had no room for us',
        fail: (net: NetworkUnderTest) => {
          net.hellos.set(aPeerId(1), { temporaryDial: true });
        },
      },
    ])('one that $name, until its backoff is over, unless an operator asks', async ({ fail }) => {
      const { net } = aNetwork();
      fail(net);
      const keep = async (expected: number) => {
        net.dials.keep([anAddress(1)]);
        await net.settle();
        net.host.closePeer(aPeerId(1));
        expect(net.host.dialed).toHaveLength(expected);
      };
      net.start();
      await keep(1);
      await keep(1);
      await net.settle(500);
      await keep(2);
      await net.settle(999);
      await keep(2);
      net.dials.request(anAddress(1));
      await net.settle();
      expect(net.host.dialed).toHaveLength(3);
    });

    it('candidates in their backoff; they wait in the pool', async () => {
      const { net, candidates } = aNetwork();
      net.host.dialScript = () => 'refuse';
      net.start().dials.keep([anAddress(1)]);
      await net.settle();
      candidates.add(anAddress(1));
      await net.settle();
      expect(candidates.waiting).toEqual([anAddress(1)]);
      await net.settle(1_000);
      expect(candidates.waiting).toEqual([]);
      expect(net.dialedNumbers()).toEqual([1, 1]);
    });
  });

  it.each([
    {
      name: 'banned',
      code: 'NETWORK.BANNED',
      act: (net: NetworkUnderTest) => net.control.ban(aPeerId(1), { by: 'operator', reason: 'spam' }),
    },
    {
      name: 'found to be on another chain',
      code: 'NETWORK.QUARANTINED',
      act: async (net: NetworkUnderTest) => {
        net.hellos.set(aPeerId(1), { chain: 7 });
        await net.connect(1);
      },
    },
  ])('gives up those that wait when they are $name, and says so', async ({ act, code }) => {
    const { net } = aNetwork({ config: { maxOutboundPeers: 0 } });
    net.start().dials.request(anAddress(1));
    net.dials.request(anAddress(2));
    await act(net);
    await net.settle();
    expect(net.story('peer:dial-failed')).toEqual([`peer:dial-failed 1 ${code}`]);
    expect([1, 2].map((n) => net.dials.isQueued(aPeerId(n)))).toEqual([false, true]);
  });

  it('forgets whom it is told to forget, aloud when the peer waited', () => {
    const { net } = aNetwork({ config: { maxOutboundPeers: 0 } });
    net.start().dials.request(anAddress(1));
    const cause = new NetworkError({ code: 'NETWORK.REMOVED_BY_OPERATOR', peerId: aPeerId(1) });
    net.dials.forget(aPeerId(1), cause);
    net.dials.forget(aPeerId(1), cause);
    expect(net.story()).toEqual(['peer:dial-queued 1', 'peer:dial-failed 1 NETWORK.REMOVED_BY_OPERATOR']);
  });

  it.each([
    { name: 'a ban', code: 'NETWORK.BANNED', act: 'ban' },
    { name: 'a removal', code: 'NETWORK.REMOVED_BY_OPERATOR', act: 'remove' },
  ] as const)('ends a dial under way at $name, and blames no address for it', async ({ code, act }) => {
    const { net } = aNetwork();
    const elsewhere = { ...anAddress(1), transport: '/ip4/10.0.0.1/tcp/1' };
    for (const address of [anAddress(1), elsewhere]) net.book.learned(address);
    const known = net.book.addressesOf(aPeerId(1));
    net.host.dialScript = () => 'hang';
    net.start().dials.request(anAddress(1));
    await net.settle();
    await net.control[act](aPeerId(1), { by: 'operator', reason: 'spam' });
    await net.settle();
    expect(net.story('peer:dial-failed')).toEqual([`peer:dial-failed 1 ${code}`]);
    expect(net.slots.hasFree('outbound')).toBe(true);
    expect(net.book.addressesOf(aPeerId(1))).toEqual(known);
    expect(net.dialer.underWay()).toEqual([]);
  });

  it('queues no more than 1,024', () => {
    const { net } = aNetwork();
    for (let n = 1; n <= 1_024; n++) expect(net.dials.request(anAddress(n))).toBeUndefined();
    expect(net.dials.request(anAddress(1_025))).toMatchObject({ code: 'NETWORK.QUEUE_FULL' });
    expect(net.dials.request(anAddress(1))).toBeUndefined();
  });

  it('does not hold the misfortune of an inbound peer against its address', async () => {
    const { net } = aNetwork({ config: { maxInboundPeers: 0, courtesySlots: 0 } });
    net.start();
    await net.connect(1, 'inbound');
    expect(net.story()).toEqual(['peer:handshake-failed 1 NETWORK.NO_FREE_SLOT']);
    net.dials.keep([anAddress(1)]);
    await net.settle();
    expect(net.members()).toEqual([1]);
  });

  it('uses a connection that came in while it dialed', async () => {
    const { net } = aNetwork({ config: { dialTimeoutMs: 1_000 } });
    net.host.dialScript = () => 'hang';
    net.start().dials.keep([anAddress(1)]);
    await net.connect(1, 'inbound');
    await net.settle(1_000);
    expect(net.members()).toEqual([1]);
    expect(net.slots.counts('outbound')).toEqual({ active: 0, pending: 0 });
    expect(net.slots.counts('inbound')).toEqual({ active: 1, pending: 0 });
  });

  it('stops at any time: dials under way are cancelled and nothing is announced', async () => {
    const { net } = aNetwork();
    net.host.dialScript = () => 'hang';
    net.start().dials.request(anAddress(1));
    await net.stop();
    await net.settle(60_000);
    expect(net.dials.request(anAddress(2))).toMatchObject({ code: 'NETWORK.CANCELLED' });
    net.dials.keep([anAddress(2)]);
    expect(net.story()).toEqual(['peer:dial-queued 1', 'peer:dial-started 1']);
    expect(net.clock.pendingTimers).toBe(0);
    expect(net.slots.counts('outbound')).toEqual({ active: 0, pending: 0 });
  });

  it('may be stopped before it starts', async () => {
    const { net } = aNetwork();
    net.dials.request(anAddress(1));
    net.dials.stop();
    net.start();
    await net.settle();
    expect(net.host.dialed).toEqual([]);
  });
});
