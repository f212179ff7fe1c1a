import { describe, expect, it } from '@jest/globals';
import { aPeerId, IdentityUnderTest } from '../../../../test/support/identity-under-test.js';
import { NetworkError } from '../network.errors.js';

const FREE = { active: 0, pending: 0 };

const ALL_FREE = { inbound: FREE, outbound: FREE, reserved: 0, courtesy: 0 };

describe('the life of an IdentityService', () => {
  it('names the cause of a disconnect, the first one given', async () => {
    const net = new IdentityUnderTest().start();
    const peerId = await net.connect(1);
    void net.identity.disconnect(peerId, new NetworkError({ code: 'NETWORK.REMOVED_BY_OPERATOR', peerId }));
    void net.identity.disconnect(
      peerId,
      new NetworkError({ code: 'NETWORK.SCORE_TOO_LOW', peerId, score: -60 }),
    );
    await net.settle();
    expect(net.story('peer:disconnected')).toEqual(['peer:disconnected 1 NETWORK.REMOVED_BY_OPERATOR']);
  });

  it('ends a session whose host forgets to tell of its end', async () => {
    const net = new IdentityUnderTest().start();
    const peerId = await net.connect(1);
    net.host.disconnect = async () => {};
    net.host.connections = () => [];
    await net.identity.disconnect(peerId, new NetworkError({ code: 'NETWORK.CANCELLED' }));
    expect(net.members()).toEqual([]);
    expect(net.slots.counts('inbound')).toEqual(FREE);
  });

  it('survives a host that cannot disconnect', async () => {
    const net = new IdentityUnderTest().start();
    const peerId = await net.connect(1);
    net.host.disconnect = async () => {
      throw new Error('stuck');
    };
    await net.identity.disconnect(peerId, new NetworkError({ code: 'NETWORK.CANCELLED' }));
    expect(net.members()).toEqual([1]);
  });

  it('may be started twice, and greets each peer once', async () => {
    const net = new IdentityUnderTest().start();
    net.identity.start();
    await net.connect(1);
    expect(net.protocols.calls.map(({ peerId }) => peerId)).toEqual([aPeerId(1)]);
    expect(net.story()).toEqual(['peer:connected 1']);
  });

  it('can stop at any time, twice, and before it started', async () => {
    const idle = new IdentityUnderTest();
    idle.identity.stop();
    const net = new IdentityUnderTest().start();
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
    expect(net.slots.usage()).toEqual(ALL_FREE);
    expect(net.clock.pendingTimers).toBe(0);
  });

  it('lets go of everything when it is stopped before the host', async () => {
    const net = new IdentityUnderTest().start();
    await net.connect(1);
    net.identity.stop();
    expect(net.members()).toEqual([]);
    expect(net.slots.usage()).toEqual(ALL_FREE);
    await net.settle();
    expect(net.host.connections()).toHaveLength(1);
    expect(net.protocols.calls).toHaveLength(1);
  });

  it('holds nothing after a flood of connections that come and go', async () => {
    const net = new IdentityUnderTest({ maxInboundPeers: 4 }).start();
    for (let n = 1; n <= 3_000; n++) {
      const connection = net.host.open(aPeerId(n), 'inbound');
      if (n % 3 === 0) net.host.close(connection);
      if (n % 500 === 0) await net.settle();
    }
    for (const connection of net.host.connections()) net.host.close(connection);
    await net.settle();
    expect(net.slots.usage()).toEqual(ALL_FREE);
    expect(net.members()).toEqual([]);
    const connected = net.story('peer:connected').length;
    expect(connected).toBeGreaterThan(0);
    expect(net.story('peer:disconnected')).toHaveLength(connected);
  });
});
