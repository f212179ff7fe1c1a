import { describe, expect, it } from '@jest/globals';
import { aPeerId, IdentityUnderTest } from '../../../../test/support/identity-under-test.js';
import { NetworkError } from '../network.errors.js';

const FREE = { active: 0, pending: 0 };

describe('what peers do, and what follows', () => {
  it('expels a peer of the table with the cause', async () => {
    const net = new IdentityUnderTest().start();
    const peerId = await net.connect(1);
    net.standing.expulsions.next({ peerId, cause: net.standing.fault(1) });
    await net.settle();
    expect(net.connected()).toEqual([]);
    expect(net.story('peer:disconnected')).toEqual(['peer:disconnected 1 NETWORK.BAD_MESSAGE']);
  });

  it('refuses a peer with too low a score before Hello, silently unless we dialed it', async () => {
    const net = new IdentityUnderTest().start();
    net.standing.scores.set(aPeerId(1), -30);
    await net.connect(1);
    expect(net.connected()).toEqual([]);
    expect(net.story()).toEqual([]);
    await net.connect(1, 'outbound');
    expect(net.connected()).toEqual([]);
    expect(net.story()).toEqual(['peer:handshake-failed 1 NETWORK.SCORE_TOO_LOW']);
    expect(net.protocols.calls).toEqual([]);
  });

  it('expels during the handshake, and judges nothing twice', async () => {
    const net = new IdentityUnderTest().start();
    net.hellos.set(aPeerId(1), undefined);
    const peerId = await net.connect(1);
    net.standing.expulsions.next({ peerId, cause: net.standing.fault(1) });
    await net.settle();
    expect(net.story()).toEqual(['peer:handshake-failed 1 NETWORK.BAD_MESSAGE']);
    expect(net.standing.judged).toEqual([]);
    expect(net.slots.counts('inbound')).toEqual(FREE);
  });

  it('closes what a peer has that is none of ours', async () => {
    const net = new IdentityUnderTest();
    net.host.open(aPeerId(1), 'inbound');
    net.start();
    net.standing.expulsions.next({ peerId: aPeerId(1), cause: net.standing.fault(1) });
    await net.settle();
    expect(net.connected()).toEqual([]);
  });

  it('disconnects once when the verdict on a failed handshake is to expel', async () => {
    const net = new IdentityUnderTest().start();
    let disconnects = 0;
    const { disconnect } = net.host;
    net.host.disconnect = (peerId) => {
      disconnects++;
      return disconnect.call(net.host, peerId);
    };
    net.hellos.set(aPeerId(1), { claimed: aPeerId(2) });
    await net.connect(1);
    expect(net.standing.judged).toMatchObject([{ error: { code: 'NETWORK.CLAIMED_PEER_ID' } }]);
    expect(disconnects).toBe(1);
  });

  it.each(['NETWORK.REMOVED_BY_OPERATOR', 'NETWORK.CONNECTION_CLOSED'] as const)(
    'holds nothing against a peer whose handshake ended by %s',
    async (code) => {
      const net = new IdentityUnderTest().start();
      net.hellos.set(aPeerId(1), undefined);
      const peerId = await net.connect(1);
      if (code === 'NETWORK.CONNECTION_CLOSED') net.host.closePeer(peerId);
      else await net.identity.disconnect(peerId, new NetworkError({ code, peerId }));
      await net.settle();
      expect(net.story()).toEqual([`peer:handshake-failed 1 ${code}`]);
      expect(net.standing.judged).toEqual([]);
    },
  );

  it('holds a handshake that took too long against the peer', async () => {
    const net = new IdentityUnderTest().start();
    net.hellos.set(aPeerId(1), undefined);
    await net.connect(1);
    await net.settle(net.config.handshakeTimeoutMs);
    expect(net.standing.judged).toMatchObject([
      { peerId: aPeerId(1), error: { code: 'NETWORK.RPC_TIMEOUT' } },
    ]);
  });

  it.each([
    { name: 'takes us as a visitor', direction: 'outbound', hello: { temporaryDial: true }, told: [1] },
    { name: 'visits us', direction: 'inbound', hello: { temporaryDial: true }, told: [] },
    { name: 'takes us in', direction: 'outbound', hello: {}, told: [] },
  ] as const)('tells of a peer that $name: $told', async ({ direction, hello, told }) => {
    const net = new IdentityUnderTest().start();
    const heard: string[] = [];
    net.identity.turnedAway$.subscribe({
      next: (peerId) => heard.push(peerId),
      complete: () => heard.push('end'),
    });
    net.hellos.set(aPeerId(1), hello);
    await net.connect(1, direction);
    expect(heard).toEqual(told.map(aPeerId));
    net.identity.stop();
    expect(heard.at(-1)).toBe('end');
  });

  it('does not take a visit of its own for that', async () => {
    const net = new IdentityUnderTest().start();
    const heard: string[] = [];
    net.identity.turnedAway$.subscribe((peerId) => heard.push(peerId));
    net.hello.markTemporary(aPeerId(1));
    await net.connect(1, 'outbound');
    expect(heard).toEqual([]);
  });

  it('gives a peer that has no room for us no longer than we give our visitors', async () => {
    const net = new IdentityUnderTest({ courtesyMs: 1_000 }).start();
    net.hellos.set(aPeerId(1), { temporaryDial: true });
    await net.connect(1, 'outbound');
    expect(await net.identity.outcome(aPeerId(1))).toBe('temporary');
    await net.settle(999);
    expect(net.connected()).toEqual([1]);
    await net.settle(1);
    expect(net.connected()).toEqual([]);
    expect(net.slots.counts('outbound')).toEqual(FREE);
  });
});
