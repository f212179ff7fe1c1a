import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aPeerId, FIND_PEERS, HELLO, NetworkUnderTest } from '../../../../test/support/network-under-test.js';
import { StatusSchema } from '../../../gen/v1/identity_pb.js';
import { NetworkError } from '../network.errors.js';
import type { HostConnection } from '../ports/host.port.js';
import type { PeerId } from '../ports/types.js';
import { IdentityService, TEMPORARY_LIMIT_MS } from './identity.service.js';

const FREE = { active: 0, pending: 0 };

function slotsOf({ slots }: NetworkUnderTest) {
  return { inbound: slots.counts('inbound'), outbound: slots.counts('outbound') };
}

describe(IdentityService.name, () => {
  it.each(['inbound', 'outbound'] as const)(
    'takes an %s peer into the table after its Hello',
    async (direction) => {
      const net = new NetworkUnderTest().start();
      net.host.open(aPeerId(1), direction);
      expect(net.slots.counts(direction)).toEqual({ active: 0, pending: 1 });
      expect(net.members()).toEqual([]);
      await net.settle();
      expect(net.members()).toEqual([1]);
      expect(net.slots.counts(direction)).toEqual({ active: 1, pending: 0 });
      expect(net.events).toMatchObject([{ type: 'peer:connected', peerId: aPeerId(1), direction }]);
      const [call] = net.protocols.callsOf(HELLO);
      expect(fromBinary(StatusSchema, call?.request ?? new Uint8Array())).toMatchObject({
        metadata: { peerID: net.host.peerId },
        chain: 100n,
        temporaryDial: false,
      });
    },
  );

  it('lists the peer when its event fires, and no more when it leaves', async () => {
    const net = new NetworkUnderTest().start();
    const listed: boolean[] = [];
    net.table.events$.subscribe(() => listed.push(net.table.has(aPeerId(1))));
    await net.connect(1);
    net.host.closePeer(aPeerId(1));
    expect(listed).toEqual([true, false]);
    expect(net.story()).toEqual(['peer:connected 1', 'peer:disconnected 1 NETWORK.CONNECTION_CLOSED']);
    expect(slotsOf(net)).toEqual({ inbound: FREE, outbound: FREE });
  });

  it.each([
    { name: 'another chain', hello: { chain: 101 }, code: 'NETWORK.CHAIN_MISMATCH' },
    { name: 'another genesis', hello: { genesis: `0x${'cd'.repeat(32)}` }, code: 'NETWORK.CHAIN_MISMATCH' },
    { name: 'a claimed ID', hello: { claimed: aPeerId(9) }, code: 'NETWORK.CLAIMED_PEER_ID' },
    {
      name: 'no identity protocol',
      hello: new NetworkError({
        code: 'NETWORK.PROTOCOL_UNSUPPORTED',
        peerId: aPeerId(1),
        protocol: '/id/0.1',
      }),
      code: 'NETWORK.PROTOCOL_UNSUPPORTED',
    },
    { name: 'a failure of another kind', hello: new Error('broken pipe'), code: 'NETWORK.STREAM_FAILED' },
  ])('disconnects a peer with $name', async ({ hello, code }) => {
    const net = new NetworkUnderTest({ genesisHash: `0x${'ab'.repeat(32)}` }).start();
    net.hellos.set(aPeerId(1), hello);
    await net.connect(1);
    expect(net.story()).toEqual([`peer:handshake-failed 1 ${code}`]);
    expect(net.host.connections()).toEqual([]);
    expect(slotsOf(net)).toEqual({ inbound: FREE, outbound: FREE });
  });

  it('drops a silent peer when its time is over, and gives its slot to another', async () => {
    const net = new NetworkUnderTest({ config: { maxInboundPeers: 1, handshakeTimeoutMs: 3_000 } }).start();
    net.hellos.set(aPeerId(1), undefined);
    await net.connect(1);
    await net.settle(2_999);
    expect(net.host.connections()).toHaveLength(1);
    await net.settle(1);
    expect(net.story()).toEqual(['peer:handshake-failed 1 NETWORK.RPC_TIMEOUT']);
    expect(net.host.connections()).toEqual([]);
    await net.connect(2);
    expect(net.members()).toEqual([2]);
  });

  it('frees the slot at once when a silent peer leaves', async () => {
    const net = new NetworkUnderTest().start();
    net.hellos.set(aPeerId(1), undefined);
    await net.connect(1);
    net.host.closePeer(aPeerId(1));
    expect(slotsOf(net)).toEqual({ inbound: FREE, outbound: FREE });
    await net.settle();
    expect(net.story()).toEqual(['peer:handshake-failed 1 NETWORK.CONNECTION_CLOSED']);
  });

  it('takes no peer whose connection closed with the answer', async () => {
    const net = new NetworkUnderTest().start();
    net.hello.greet = async (peerId) => {
      net.host.closePeer(peerId);
      return 'peer';
    };
    await net.connect(1);
    expect(net.members()).toEqual([]);
    expect(net.story()).toEqual(['peer:handshake-failed 1 NETWORK.CONNECTION_CLOSED']);
    expect(slotsOf(net)).toEqual({ inbound: FREE, outbound: FREE });
  });

  it('refuses peers beyond the slots of a direction, those of the other not', async () => {
    const net = new NetworkUnderTest({ config: { maxInboundPeers: 1, maxOutboundPeers: 1 } }).start();
    net.hellos.set(aPeerId(1), undefined);
    await net.connect(1);
    await net.connect(2);
    await net.connect(3, 'outbound');
    expect(net.members()).toEqual([3]);
    expect(net.story()).toEqual(['peer:handshake-failed 2 NETWORK.NO_FREE_SLOT', 'peer:connected 3']);
    expect(net.protocols.callsOf(HELLO).map(({ peerId }) => peerId)).toEqual([aPeerId(1), aPeerId(3)]);
    expect(net.host.connections().map(({ peerId }) => peerId)).toEqual([aPeerId(1), aPeerId(3)]);
  });

  describe('of a temporary dial', () => {
    it.each(['inbound', 'outbound'] as const)(
      'of an %s peer keeps it out of the table',
      async (direction) => {
        const net = new NetworkUnderTest().start();
        net.hellos.set(aPeerId(1), { temporaryDial: true });
        await net.connect(1, direction);
        expect(net.members()).toEqual([]);
        expect(net.story()).toEqual([]);
        expect(net.host.connections()).toHaveLength(1);
        expect(net.slots.counts(direction)).toEqual({ active: 0, pending: 1 });
        net.host.closePeer(aPeerId(1));
        expect(net.story()).toEqual([]);
        expect(slotsOf(net)).toEqual({ inbound: FREE, outbound: FREE });
        expect(net.clock.pendingTimers).toBe(new NetworkUnderTest().start().clock.pendingTimers);
      },
    );

    it('ends it when it lasts too long', async () => {
      const net = new NetworkUnderTest().start();
      net.hellos.set(aPeerId(1), { temporaryDial: true });
      await net.connect(1);
      await net.settle(TEMPORARY_LIMIT_MS - 1);
      expect(net.host.connections()).toHaveLength(1);
      await net.settle(1);
      expect(net.host.connections()).toEqual([]);
      expect(net.story()).toEqual([]);
    });

    it('may end during the handshake, which is no failure', async () => {
      const net = new NetworkUnderTest().start();
      net.hellos.set(aPeerId(1), undefined);
      const peerId = await net.connect(1);
      await net.identity.disconnect(
        peerId,
        new NetworkError({ code: 'NETWORK.TEMPORARY_DIAL_DONE', peerId }),
      );
      await net.settle();
      expect(net.story()).toEqual([]);
      expect(net.host.connections()).toEqual([]);
    });

    it('of ours says so, and keeps the peer out', async () => {
      const net = new NetworkUnderTest().start();
      net.hello.markTemporary(aPeerId(1));
      await net.connect(1, 'outbound');
      const [call] = net.protocols.callsOf(HELLO);
      expect(fromBinary(StatusSchema, call?.request ?? new Uint8Array()).temporaryDial).toBe(true);
      expect(net.members()).toEqual([]);
      expect(net.protocols.callsOf(FIND_PEERS)).toEqual([]);
    });
  });

  describe('with several connections to a peer', () => {
    it('makes one handshake and one event', async () => {
      const net = new NetworkUnderTest().start();
      net.host.open(aPeerId(1), 'inbound');
      net.host.open(aPeerId(1), 'outbound');
      await net.settle();
      expect(net.story()).toEqual(['peer:connected 1']);
      expect(net.protocols.callsOf(HELLO)).toHaveLength(1);
      expect(net.table.list()).toMatchObject([{ directions: ['inbound', 'outbound'] }]);
      expect(slotsOf(net)).toEqual({ inbound: { active: 1, pending: 0 }, outbound: FREE });
    });

    it('keeps the peer until the last one closes', async () => {
      const net = new NetworkUnderTest().start();
      const first = net.host.open(aPeerId(1), 'inbound');
      await net.settle();
      const second = net.host.open(aPeerId(1), 'outbound');
      expect(net.table.list()).toMatchObject([{ directions: ['inbound', 'outbound'] }]);
      net.host.close(first);
      expect(net.table.list()).toMatchObject([{ directions: ['outbound'] }]);
      expect(net.story()).toEqual(['peer:connected 1']);
      net.host.close(second);
      expect(net.story()).toEqual(['peer:connected 1', 'peer:disconnected 1 NETWORK.CONNECTION_CLOSED']);
    });

    it('goes on with the handshake when the first closes meanwhile', async () => {
      const net = new NetworkUnderTest().start();
      const first = net.host.open(aPeerId(1), 'inbound');
      net.host.open(aPeerId(1), 'outbound');
      net.host.close(first);
      await net.settle();
      expect(net.members()).toEqual([1]);
      expect(net.table.list()).toMatchObject([{ directions: ['outbound'] }]);
    });

    it('begins anew with a connection that came up while the others were being closed', async () => {
      const net = new NetworkUnderTest().start();
      const first = await net.connect(1);
      const [old] = net.host.connections() as [HostConnection];
      net.host.disconnect = async () => {};
      const cause = new NetworkError({ code: 'NETWORK.CONNECTION_CLOSED', peerId: first });
      await net.identity.disconnect(first, cause);
      net.host.open(first, 'inbound');
      expect(net.protocols.callsOf(HELLO)).toHaveLength(1);
      net.host.close(old);
      await net.settle();
      expect(net.protocols.callsOf(HELLO)).toHaveLength(2);
      expect(net.story()).toEqual([
        'peer:connected 1',
        'peer:disconnected 1 NETWORK.CONNECTION_CLOSED',
        'peer:connected 1',
      ]);
      expect(net.slots.counts('inbound')).toEqual({ active: 1, pending: 0 });
    });
  });

  it('names the cause of a disconnect, the first one given', async () => {
    const net = new NetworkUnderTest().start();
    const peerId = await net.connect(1);
    const fault = { code: 'SYNC.BAD_BLOCK', message: 'bad block', severity: 'drop' } as const;
    net.peers.report(peerId, fault);
    net.peers.report(peerId, { ...fault, code: 'SYNC.OTHER' });
    await net.settle();
    expect(net.events.at(-1)).toMatchObject({
      type: 'peer:disconnected',
      cause: { detail: { code: 'NETWORK.REPORTED_BY_CONSUMER', fault: 'SYNC.BAD_BLOCK' } },
    });
  });

  it('ends a session whose host forgets to tell of its end', async () => {
    const net = new NetworkUnderTest().start();
    const peerId = await net.connect(1);
    net.host.disconnect = async () => {};
    net.host.connections = () => [];
    await net.identity.disconnect(peerId, new NetworkError({ code: 'NETWORK.CANCELLED' }));
    expect(net.members()).toEqual([]);
    expect(net.slots.counts('inbound')).toEqual(FREE);
  });

  it('survives a host that cannot disconnect', async () => {
    const net = new NetworkUnderTest().start();
    const peerId = await net.connect(1);
    net.host.disconnect = async () => {
      throw new Error('stuck');
    };
    await net.identity.disconnect(peerId, new NetworkError({ code: 'NETWORK.CANCELLED' }));
    expect(net.members()).toEqual([1]);
  });

  it('can stop at any time, twice, and before it started', async () => {
    const idle = new NetworkUnderTest();
    idle.identity.stop();
    const net = new NetworkUnderTest().start();
    net.hellos.set(aPeerId(2), undefined);
    net.hellos.set(aPeerId(3), { temporaryDial: true });
    for (const n of [1, 2, 3]) await net.connect(n);
    let ended = false;
    net.table.events$.subscribe({
      complete: () => {
        ended = true;
      },
    });
    await net.stop();
    await net.settle();
    net.identity.stop();
    expect(ended).toBe(true);
    expect(net.members()).toEqual([]);
    expect(slotsOf(net)).toEqual({ inbound: FREE, outbound: FREE });
    expect(net.clock.pendingTimers).toBe(0);
  });

  it('lets go of everything when it is stopped before the host', async () => {
    const net = new NetworkUnderTest().start();
    await net.connect(1);
    net.identity.stop();
    expect(net.members()).toEqual([]);
    expect(slotsOf(net)).toEqual({ inbound: FREE, outbound: FREE });
  });

  it('holds nothing after a flood of connections that come and go', async () => {
    const net = new NetworkUnderTest({ config: { maxInboundPeers: 4 } }).start();
    for (let n = 1; n <= 3_000; n++) {
      const connection = net.host.open(aPeerId(n), 'inbound');
      if (n % 3 === 0) net.host.close(connection);
      if (n % 500 === 0) await net.settle();
    }
    for (const connection of net.host.connections()) net.host.close(connection);
    await net.settle();
    expect(slotsOf(net)).toEqual({ inbound: FREE, outbound: FREE });
    expect(net.members()).toEqual([]);
    const connected = net.story('peer:connected').length;
    expect(connected).toBeGreaterThan(0);
    expect(net.story('peer:disconnected')).toHaveLength(connected);
  });

  it('keeps table, slots and connections in step through any order of events', async () => {
    const step = fc.record({
      n: fc.integer({ min: 1, max: 4 }),
      act: fc.constantFrom('in', 'out', 'closeFirst', 'closeAll', 'drop', 'settle', 'silent', 'good'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const net = new NetworkUnderTest({
          config: { maxInboundPeers: 2, maxOutboundPeers: 2, discovery: false },
        }).start();
        for (const { n, act } of steps) {
          const peerId: PeerId = aPeerId(n);
          const [first] = net.host.connections().filter((connection) => connection.peerId === peerId);
          if (act === 'in') net.host.open(peerId, 'inbound');
          else if (act === 'out') net.host.open(peerId, 'outbound');
          else if (act === 'closeFirst' && first !== undefined) net.host.close(first);
          else if (act === 'closeAll') net.host.closePeer(peerId);
          else if (act === 'drop')
            void net.peers.disconnect(peerId, new NetworkError({ code: 'NETWORK.CANCELLED' }));
          else if (act === 'silent') net.hellos.set(peerId, undefined);
          else if (act === 'good') net.hellos.delete(peerId);
          else if (act === 'settle') await net.settle();
          for (const direction of ['inbound', 'outbound'] as const) {
            const { active, pending } = net.slots.counts(direction);
            expect(active + pending).toBeLessThanOrEqual(2);
          }
        }
        await net.settle(net.config.handshakeTimeoutMs);
        const live = new Set(net.host.connections().map(({ peerId }) => peerId));
        expect(new Set(net.table.list().map(({ peerId }) => peerId))).toEqual(live);
        const { inbound, outbound } = slotsOf(net);
        expect(inbound.active + outbound.active).toBe(live.size);
        expect(inbound.pending + outbound.pending).toBe(0);
        const joined = net.story('peer:connected').length - net.story('peer:disconnected').length;
        expect(joined).toBe(live.size);
        await net.stop();
        expect(net.clock.pendingTimers).toBe(0);
      }),
      { numRuns: 30 },
    );
  });
});
