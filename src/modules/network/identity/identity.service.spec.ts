import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { aPeerId, IdentityUnderTest } from '../../../../test/support/identity-under-test.js';
import { StatusSchema } from '../../../gen/v1/identity_pb.js';
import { NetworkError } from '../network.errors.js';
import type { HostConnection } from '../ports/host.port.js';
import { IdentityService, TEMPORARY_LIMIT_MS } from './identity.service.js';

const FREE = { active: 0, pending: 0 };

const ALL_FREE = { inbound: FREE, outbound: FREE, reserved: 0, courtesy: 0 };

describe(IdentityService.name, () => {
  it.each(['inbound', 'outbound'] as const)(
    'takes an %s peer into the table after its Hello',
    async (direction) => {
      const net = new IdentityUnderTest().start();
      net.host.open(aPeerId(1), direction);
      expect(net.slots.counts(direction)).toEqual({ active: 0, pending: 1 });
      expect(net.members()).toEqual([]);
      await net.settle();
      expect(net.members()).toEqual([1]);
      expect(net.slots.counts(direction)).toEqual({ active: 1, pending: 0 });
      expect(net.events).toMatchObject([{ type: 'peer:connected', peerId: aPeerId(1), direction }]);
      const [call] = net.protocols.calls;
      expect(fromBinary(StatusSchema, call?.request ?? new Uint8Array())).toMatchObject({
        metadata: { peerID: net.host.peerId },
        chain: 100n,
        temporaryDial: false,
      });
    },
  );

  it('lists the peer when its event fires, and no more when it leaves', async () => {
    const net = new IdentityUnderTest().start();
    const listed: boolean[] = [];
    net.table.events$.subscribe(() => listed.push(net.table.has(aPeerId(1))));
    await net.connect(1);
    net.host.closePeer(aPeerId(1));
    expect(listed).toEqual([true, false]);
    expect(net.story()).toEqual(['peer:connected 1', 'peer:disconnected 1 NETWORK.CONNECTION_CLOSED']);
    expect(net.slots.usage()).toEqual(ALL_FREE);
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
    const net = new IdentityUnderTest({}, `0x${'ab'.repeat(32)}`).start();
    net.hellos.set(aPeerId(1), hello);
    await net.connect(1);
    expect(net.story('peer:handshake-failed')).toEqual([`peer:handshake-failed 1 ${code}`]);
    expect(net.standing.judged).toMatchObject([{ peerId: aPeerId(1), error: { code } }]);
    expect(net.host.connections()).toEqual([]);
    expect(net.slots.usage()).toEqual(ALL_FREE);
  });

  it('drops a silent peer when its time is over, and gives its slot to another', async () => {
    const net = new IdentityUnderTest({ maxInboundPeers: 1, handshakeTimeoutMs: 3_000 }).start();
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
    const net = new IdentityUnderTest().start();
    net.hellos.set(aPeerId(1), undefined);
    await net.connect(1);
    net.host.closePeer(aPeerId(1));
    expect(net.slots.usage()).toEqual(ALL_FREE);
    await net.settle();
    expect(net.story()).toEqual(['peer:handshake-failed 1 NETWORK.CONNECTION_CLOSED']);
  });

  it('takes no peer whose connection closed with the answer', async () => {
    const net = new IdentityUnderTest().start();
    net.hello.greet = async (peerId) => {
      net.host.closePeer(peerId);
      return 'peer';
    };
    await net.connect(1);
    expect(net.members()).toEqual([]);
    expect(net.story()).toEqual(['peer:handshake-failed 1 NETWORK.CONNECTION_CLOSED']);
    expect(net.slots.usage()).toEqual(ALL_FREE);
  });

  it('refuses peers beyond the slots of a direction, those of the other not', async () => {
    const net = new IdentityUnderTest({ maxInboundPeers: 1, maxOutboundPeers: 1, courtesySlots: 0 }).start();
    net.hellos.set(aPeerId(1), undefined);
    await net.connect(1);
    await net.connect(2);
    await net.connect(3, 'outbound');
    expect(net.members()).toEqual([3]);
    expect(net.story()).toEqual(['peer:handshake-failed 2 NETWORK.NO_FREE_SLOT', 'peer:connected 3']);
    expect(net.protocols.calls.map(({ peerId }) => peerId)).toEqual([aPeerId(1), aPeerId(3)]);
    expect(net.host.connections().map(({ peerId }) => peerId)).toEqual([aPeerId(1), aPeerId(3)]);
  });

  describe('of a temporary dial', () => {
    it.each(['inbound', 'outbound'] as const)(
      'of an %s peer keeps it out of the table',
      async (direction) => {
        const net = new IdentityUnderTest().start();
        net.hellos.set(aPeerId(1), { temporaryDial: true });
        await net.connect(1, direction);
        expect(net.members()).toEqual([]);
        expect(net.story()).toEqual([]);
        expect(net.host.connections()).toHaveLength(1);
        expect(net.slots.counts(direction)).toEqual({ active: 0, pending: 1 });
        net.host.closePeer(aPeerId(1));
        expect(net.story()).toEqual([]);
        expect(net.slots.usage()).toEqual(ALL_FREE);
        expect(net.clock.pendingTimers).toBe(0);
      },
    );

    it('ends it when it lasts too long', async () => {
      const net = new IdentityUnderTest().start();
      net.hellos.set(aPeerId(1), { temporaryDial: true });
      await net.connect(1);
      await net.settle(TEMPORARY_LIMIT_MS - 1);
      expect(net.host.connections()).toHaveLength(1);
      await net.settle(1);
      expect(net.host.connections()).toEqual([]);
      expect(net.story()).toEqual([]);
    });

    it('may end during the handshake, which is no failure', async () => {
      const net = new IdentityUnderTest().start();
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
      const net = new IdentityUnderTest().start();
      net.hello.markTemporary(aPeerId(1));
      await net.connect(1, 'outbound');
      const [call] = net.protocols.calls;
      expect(fromBinary(StatusSchema, call?.request ?? new Uint8Array()).temporaryDial).toBe(true);
      expect(net.members()).toEqual([]);
    });
  });

  describe('with several connections to a peer', () => {
    it('makes one handshake and one event', async () => {
      const net = new IdentityUnderTest().start();
      net.host.open(aPeerId(1), 'inbound');
      net.host.open(aPeerId(1), 'outbound');
      await net.settle();
      expect(net.story()).toEqual(['peer:connected 1']);
      expect(net.protocols.calls).toHaveLength(1);
      expect(net.table.list()).toMatchObject([{ directions: ['inbound', 'outbound'] }]);
      expect(net.slots.usage()).toEqual({ ...ALL_FREE, inbound: { active: 1, pending: 0 } });
    });

    it('keeps the peer until the last one closes', async () => {
      const net = new IdentityUnderTest().start();
      const first = net.host.open(aPeerId(1), 'inbound');
      await net.settle();
      const second = net.host.open(aPeerId(1), 'outbound');
      expect(net.table.list()).toMatchObject([{ directions: ['inbound', 'outbound'] }]);
      net.host.close(first);
      expect(net.table.list()).toMatchObject([{ directions: ['outbound'] }]);
      expect(net.slots.usage()).toEqual({ ...ALL_FREE, outbound: { active: 1, pending: 0 } });
      expect(net.story()).toEqual(['peer:connected 1']);
      net.host.close(second);
      expect(net.story()).toEqual(['peer:connected 1', 'peer:disconnected 1 NETWORK.CONNECTION_CLOSED']);
    });

    it('goes on with the handshake when the first closes meanwhile', async () => {
      const net = new IdentityUnderTest().start();
      const first = net.host.open(aPeerId(1), 'inbound');
      net.host.open(aPeerId(1), 'outbound');
      net.host.close(first);
      await net.settle();
      expect(net.members()).toEqual([1]);
      expect(net.table.list()).toMatchObject([{ directions: ['outbound'] }]);
      expect(net.events).toMatchObject([{ type: 'peer:connected', direction: 'outbound' }]);
      expect(net.slots.usage()).toEqual({ ...ALL_FREE, outbound: { active: 1, pending: 0 } });
    });

    it('counts the peer where it was when the other direction has no room', async () => {
      const net = new IdentityUnderTest({ maxOutboundPeers: 1 }).start();
      await net.connect(2, 'outbound');
      const first = net.host.open(aPeerId(1), 'inbound');
      net.host.open(aPeerId(1), 'outbound');
      await net.settle();
      net.host.close(first);
      expect(net.members()).toEqual([2, 1]);
      const one = { active: 1, pending: 0 };
      expect(net.slots.usage()).toEqual({ ...ALL_FREE, inbound: one, outbound: one });
    });

    it('stays where it is when a later one closes', async () => {
      const net = new IdentityUnderTest().start();
      await net.connect(1, 'inbound');
      net.host.close(net.host.open(aPeerId(1), 'outbound'));
      expect(net.table.list()).toMatchObject([{ directions: ['inbound'] }]);
      expect(net.slots.counts('inbound')).toEqual({ active: 1, pending: 0 });
    });

    it('begins anew with a connection that came up while the others were being closed', async () => {
      const net = new IdentityUnderTest().start();
      const first = await net.connect(1);
      const [old] = net.host.connections() as [HostConnection];
      net.host.disconnect = async () => {};
      const cause = new NetworkError({ code: 'NETWORK.CONNECTION_CLOSED', peerId: first });
      await net.identity.disconnect(first, cause);
      net.host.open(first, 'inbound');
      expect(net.protocols.calls).toHaveLength(1);
      net.host.close(old);
      await net.settle();
      expect(net.protocols.calls).toHaveLength(2);
      expect(net.story()).toEqual([
        'peer:connected 1',
        'peer:disconnected 1 NETWORK.CONNECTION_CLOSED',
        'peer:connected 1',
      ]);
      expect(net.slots.counts('inbound')).toEqual({ active: 1, pending: 0 });
    });
  });
});
