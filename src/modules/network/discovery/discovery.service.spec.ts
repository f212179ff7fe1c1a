import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import {
  anAddress,
  aPeerId,
  FIND_PEERS,
  NetworkUnderTest,
} from '../../../../test/support/network-under-test.js';
import { FindPeersReqSchema } from '../../../gen/v1/discovery_pb.js';
import { formatPeerAddress } from '../address/peer-address.js';
import { NetworkError } from '../network.errors.js';
import { DiscoveryService } from './discovery.service.js';

const told = (n: number) => formatPeerAddress(anAddress(n));
const HOUR_MS = 3_600_000;
/** The regular loop alone: no bootnode visits within a test. */
const regular = { discoveryIntervalMs: 5_000, bootnodeIntervalMs: HOUR_MS };
/** Bootnode visits alone. */
const visits = { discoveryIntervalMs: HOUR_MS, bootnodeIntervalMs: 60_000, reconnectBaseMs: HOUR_MS };

describe(DiscoveryService.name, () => {
  describe('asks a peer', () => {
    it('after one interval, and dials those it names', async () => {
      const net = new NetworkUnderTest({ config: regular }).start();
      await net.connect(1);
      net.found.set(aPeerId(1), [told(2), told(3)]);
      await net.settle(4_999);
      expect(net.protocols.callsOf(FIND_PEERS)).toEqual([]);
      await net.settle(1);
      const [call] = net.protocols.callsOf(FIND_PEERS);
      expect(fromBinary(FindPeersReqSchema, call?.request ?? new Uint8Array())).toMatchObject({
        key: '',
        count: 16n,
      });
      expect(net.members()).toEqual([1, 2, 3]);
    });

    it('not while no outbound slot is free', async () => {
      const net = new NetworkUnderTest({ config: { ...regular, maxOutboundPeers: 1 } }).start();
      await net.connect(1, 'outbound');
      await net.settle(20_000);
      expect(net.protocols.callsOf(FIND_PEERS)).toEqual([]);
    });

    it('not when there is none, or none that serves discovery', async () => {
      const net = new NetworkUnderTest({ config: regular }).start();
      await net.settle(6_000);
      net.host.infos.set(aPeerId(1), {
        protocols: ['/id/0.1'],
        addresses: [],
        agent: undefined,
        latencyMs: undefined,
      });
      await net.connect(1);
      await net.settle(6_000);
      expect(net.protocols.callsOf(FIND_PEERS)).toEqual([]);
      net.host.infos.set(aPeerId(1), {
        protocols: ['/disc/0.1'],
        addresses: [],
        agent: undefined,
        latencyMs: undefined,
      });
      await net.settle(6_000);
      expect(net.protocols.callsOf(FIND_PEERS)).toHaveLength(1);
    });

    it.each([
      { name: 'silence', answer: undefined },
      { name: 'an error', answer: new NetworkError({ code: 'NETWORK.NOT_CONNECTED', peerId: aPeerId(1) }) },
      { name: 'an error of another kind', answer: new Error('bug') },
    ])('again after $name, and keeps the peer', async ({ answer }) => {
      const net = new NetworkUnderTest({ config: regular }).start();
      await net.connect(1);
      net.found.set(aPeerId(1), answer);
      await net.settle(5_000 + net.config.findPeersTimeoutMs);
      net.found.set(aPeerId(1), [told(2)]);
      await net.settle(5_000);
      expect(net.members()).toEqual([1, 2]);
    });

    it('and takes no junk', async () => {
      const net = new NetworkUnderTest({ config: { ...regular, maxOutboundPeers: 100 } }).start();
      await net.connect(1);
      const junk = ['', '/p2p/x', `/p2p/${aPeerId(4)}`, told(0), 'a'.repeat(10_000)];
      const many = Array.from({ length: 500 }, (_, i) => told(100 + i));
      net.found.set(aPeerId(1), [...junk, told(2), ...many]);
      await net.settle(5_000);
      expect(net.dialedNumbers()).toEqual([2, ...Array.from({ length: 10 }, (_, i) => 100 + i)]);
    });

    it('and dials no local address that one from outside tells', async () => {
      const net = new NetworkUnderTest({ config: regular }).start();
      net.host.open(aPeerId(1), 'inbound', '/ip4/8.8.8.8/tcp/5000');
      await net.settle();
      net.found.set(aPeerId(1), [told(2), `/ip4/9.9.9.9/tcp/1/p2p/${aPeerId(3)}`]);
      await net.settle(5_000);
      expect(net.dialedNumbers()).toEqual([3]);
    });
  });

  describe('visits a bootnode that is no peer', () => {
    const bootnodes = [anAddress(1), anAddress(2)];

    /** One bootnode is a peer, the other is away and not being dialed. */
    async function withOneBootnode(): Promise<NetworkUnderTest> {
      const net = new NetworkUnderTest({ config: visits, bootnodes });
      net.host.dialScript = ({ peerId }) => (peerId === aPeerId(2) ? 'refuse' : 'connect');
      net.start();
      await net.settle(1_000);
      expect(net.members()).toEqual([1]);
      net.host.dialScript = () => 'connect';
      return net;
    }

    it('for a short time and says so, asks it, and leaves', async () => {
      const net = await withOneBootnode();
      net.found.set(aPeerId(2), [told(3)]);
      await net.settle(60_000);
      expect(net.protocols.callsOf(FIND_PEERS).map(({ peerId }) => peerId)).toEqual([aPeerId(2)]);
      expect(net.members()).toEqual([1, 3]);
      expect(net.host.connections().map(({ peerId }) => peerId)).toEqual([aPeerId(1), aPeerId(3)]);
      expect(net.story('peer:handshake-failed', 'peer:disconnected')).toEqual([]);
      expect(net.hello.statusFor(aPeerId(2)).temporaryDial).toBe(false);
      expect(net.slots.counts('outbound')).toEqual({ active: 2, pending: 0 });
    });

    it.each([
      {
        name: 'it cannot be reached',
        spoil: (net: NetworkUnderTest) => {
          net.host.dialScript = () => 'refuse';
        },
      },
      {
        name: 'its handshake fails',
        spoil: (net: NetworkUnderTest) => {
          net.hellos.set(aPeerId(2), { chain: 7 });
        },
      },
      {
        name: 'it says nothing',
        spoil: (net: NetworkUnderTest) => {
          net.hellos.set(aPeerId(2), undefined);
        },
      },
      {
        name: 'it tells nothing',
        spoil: (net: NetworkUnderTest) => {
          net.found.set(aPeerId(2), undefined);
        },
      },
      {
        name: 'it leaves first',
        spoil: (net: NetworkUnderTest) => {
          net.found.set(aPeerId(2), new Error('gone'));
        },
      },
    ])('and is clean again when $name', async ({ spoil }) => {
      const net = await withOneBootnode();
      spoil(net);
      await net.settle(60_000 + 20_000);
      expect(net.members()).toEqual([1]);
      expect(net.host.connections()).toHaveLength(1);
      expect(net.slots.counts('outbound')).toEqual({ active: 1, pending: 0 });
      expect(net.hello.statusFor(aPeerId(2)).temporaryDial).toBe(false);
    });

    it('and asks nothing when the handshake fails', async () => {
      const net = await withOneBootnode();
      net.hellos.set(aPeerId(2), { chain: 7 });
      await net.settle(60_000);
      expect(net.story('peer:handshake-failed')).toEqual(['peer:handshake-failed 2 NETWORK.CHAIN_MISMATCH']);
      expect(net.protocols.callsOf(FIND_PEERS)).toEqual([]);
    });

    it('not while none is a peer: then they are dialed to stay', async () => {
      const net = new NetworkUnderTest({ config: visits, bootnodes });
      net.host.dialScript = () => 'refuse';
      net.start();
      await net.settle(1_000);
      net.host.dialScript = () => 'connect';
      await net.settle(61_000);
      expect(net.dialedNumbers()).toEqual([1, 2]);
    });

    it('not while all are peers', async () => {
      const net = new NetworkUnderTest({ config: visits, bootnodes }).start();
      await net.settle(61_000);
      expect(net.members()).toEqual([1, 2]);
      expect(net.dialedNumbers()).toEqual([1, 2]);
      expect(net.protocols.callsOf(FIND_PEERS)).toEqual([]);
    });

    it('not while no slot is free', async () => {
      const net = new NetworkUnderTest({ config: { ...visits, maxOutboundPeers: 1 }, bootnodes }).start();
      await net.settle(61_000);
      expect(net.dialedNumbers()).toEqual([1]);
    });

    it('not one that is being dialed by others', async () => {
      const net = await withOneBootnode();
      net.host.dialScript = () => 'hang';
      net.dials.request(anAddress(2));
      await net.settle(9_000);
      await net.settle(51_000);
      expect(net.hello.statusFor(aPeerId(2)).temporaryDial).toBe(true);
      expect(net.slots.counts('outbound')).toEqual({ active: 1, pending: 1 });
    });
  });

  it('tells of peers of the table only, those that were there before the start too', async () => {
    const net = new NetworkUnderTest();
    net.identity.start();
    await net.connect(1);
    await net.discovery.start();
    await net.connect(2);
    expect(net.routing.size).toBe(2);
    net.host.closePeer(aPeerId(1));
    expect(net.routing.size).toBe(1);
  });

  it('dials those whose bucket is full, and tells no more than fit', async () => {
    const config = { ...regular, bucketSize: 1, maxOutboundPeers: 100 };
    const net = new NetworkUnderTest({ config }).start();
    await net.connect(1);
    net.found.set(aPeerId(1), [2, 3, 4, 5, 6, 7, 8, 9].map(told));
    await net.settle(5_000);
    expect(net.members()).toHaveLength(9);
    expect(net.routing.size).toBeLessThan(9);
  });

  it('remembers those it is told of', async () => {
    const net = new NetworkUnderTest({ config: regular }).start();
    await net.connect(1);
    net.found.set(aPeerId(1), [told(2)]);
    await net.settle(5_000);
    expect(net.book.addressesOf(aPeerId(2))).toEqual([anAddress(2).transport]);
  });

  it('does nothing when it is off', async () => {
    const net = new NetworkUnderTest({ config: { discovery: false } }).start();
    await net.connect(1);
    await net.settle(120_000);
    expect(net.protocols.callsOf(FIND_PEERS)).toEqual([]);
    expect(net.routing.size).toBe(0);
  });

  it('stops in the middle of a question and of a visit', async () => {
    const net = new NetworkUnderTest({ config: regular, bootnodes: [anAddress(2)] }).start();
    net.hellos.set(aPeerId(2), undefined);
    net.found.set(aPeerId(1), undefined);
    await net.connect(1);
    await net.settle(5_500);
    await net.stop();
    await net.settle();
    expect(net.clock.pendingTimers).toBe(0);
    expect(net.slots.counts('outbound')).toEqual({ active: 0, pending: 0 });
  });
});
