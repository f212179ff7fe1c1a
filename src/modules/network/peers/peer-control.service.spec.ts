import { describe, expect, it } from '@jest/globals';
import { anAddress, aPeerId, NetworkUnderTest } from '../../../../test/support/network-under-test.js';
import { PeerControlService } from './peer-control.service.js';

const act = { by: 'operator', reason: 'because' };

describe(PeerControlService.name, () => {
  describe('ban', () => {
    it.each([
      { name: 'a peer', target: aPeerId(1), left: [2, 3] },
      { name: 'a network', target: '10.0.0.0/8', left: [3] },
      { name: 'an address', target: '10.0.0.2', left: [1, 3] },
    ])('of $name closes what falls under it, and keeps it away', async ({ target, left }) => {
      const net = new NetworkUnderTest().start();
      for (const n of [1, 2]) net.host.open(aPeerId(n), 'inbound', `/ip4/10.0.0.${n}/tcp/1`);
      net.host.open(aPeerId(3), 'inbound', '/ip4/11.0.0.3/tcp/1');
      await net.settle();
      const ban = await net.control.ban(target, { ...act, ttlMs: 1_000 });
      await net.settle();
      expect(net.members()).toEqual(left);
      expect(net.control.bans()).toEqual([ban]);
      expect(ban.untilMs).toBe(net.clock.nowMs() + 1_000);
      const causes = net.story('peer:disconnected').map((line) => line.split(' ')[2]);
      expect(new Set(causes)).toEqual(new Set(['NETWORK.BANNED']));
    });

    it('is told before the connections close', async () => {
      const net = new NetworkUnderTest().start();
      await net.connect(1);
      await net.control.ban(aPeerId(1), act);
      expect(net.events.map(({ type }) => type)).toEqual([
        'peer:connected',
        'peer:banned',
        'peer:disconnected',
      ]);
    });

    it.each([
      { target: 'nobody', code: 'NETWORK.BAD_BAN_TARGET' },
      { target: '10.0.0.0/99', code: 'NETWORK.BAD_BAN_TARGET' },
    ])('of $target fails with $code and leaves no trace', async ({ target, code }) => {
      const net = new NetworkUnderTest().start();
      await expect(net.control.ban(target, act)).rejects.toMatchObject({ code });
      await expect(net.control.unban(target, act)).rejects.toMatchObject({ code });
      expect(net.control.bans()).toEqual([]);
      expect(net.control.audit()).toEqual([]);
      expect(net.events).toEqual([]);
    });
  });

  it('lifts a ban once', async () => {
    const net = new NetworkUnderTest().start();
    await net.control.ban('10.0.0.1', act);
    await expect(net.control.unban('10.0.0.1/32', act)).resolves.toBe(true);
    await expect(net.control.unban('10.0.0.1', act)).resolves.toBe(false);
    expect(net.control.bans()).toEqual([]);
    expect(net.events.map(({ type }) => type)).toEqual(['peer:banned', 'peer:unbanned']);
    expect(net.control.audit().map(({ action, target }) => [action, target])).toEqual([
      ['ban', '10.0.0.1/32'],
      ['unban', '10.0.0.1/32'],
    ]);
  });

  it('removes a peer: connections and queue', async () => {
    const net = new NetworkUnderTest({ config: { discovery: false } }).start();
    for (const n of [1, 2]) await net.connect(n);
    await net.control.remove(aPeerId(1), act);
    await net.settle(60_000);
    expect(net.members()).toEqual([2]);
    expect(net.story('peer:disconnected')).toEqual(['peer:disconnected 1 NETWORK.REMOVED_BY_OPERATOR']);
    expect(net.dialedNumbers()).toEqual([]);
  });

  it('does not remove a static peer, which it is not to unpin', async () => {
    const net = new NetworkUnderTest({ config: { discovery: false } }).start();
    await net.control.setStatic(anAddress(1), true, act);
    await net.settle();
    const removed = net.control.remove(aPeerId(1), act);
    await expect(removed).rejects.toMatchObject({ detail: { code: 'NETWORK.PINNED', peerId: aPeerId(1) } });
    await net.settle(60_000);
    expect([net.members(), net.pinned.statics()]).toEqual([[1], [anAddress(1)]]);
    expect(net.control.audit().map(({ action }) => action)).toEqual(['pin']);
    await net.control.setStatic(anAddress(1), false, act);
    await net.control.remove(aPeerId(1), act);
    expect(net.members()).toEqual([]);
  });

  it('removes strangers without ado', async () => {
    const net = new NetworkUnderTest().start();
    await net.control.remove(aPeerId(1), act);
    expect(net.events).toEqual([]);
    expect(net.control.audit()).toMatchObject([{ action: 'remove', target: aPeerId(1) }]);
  });

  it('has nothing to say of pins and trust that there are not', async () => {
    const net = new NetworkUnderTest();
    expect(await net.control.setTrusted(aPeerId(1), false, act)).toBe(false);
    expect(await net.control.setStatic(anAddress(1), false, act)).toBe(false);
    expect([net.events, net.control.audit()]).toEqual([[], []]);
  });

  it('pins and trusts, aloud', async () => {
    const net = new NetworkUnderTest();
    await net.control.setTrusted(aPeerId(1), true, act);
    await net.control.setStatic(anAddress(1), true, act);
    await net.control.setTrusted(aPeerId(1), false, act);
    await net.control.setStatic(anAddress(1), false, act);
    const told = net.events.map((event) => event.type === 'peer:pinned' && [event.isTrusted, event.isStatic]);
    expect(told).toEqual([
      [true, false],
      [true, true],
      [false, true],
      [false, false],
    ]);
    expect(net.control.audit().map(({ action }) => action)).toEqual(['trust', 'pin', 'untrust', 'unpin']);
  });

  it.each([
    { name: 'itself', address: anAddress(0) },
    { name: 'a peer without an address', address: { ...anAddress(1), transport: '' } },
  ])('does not pin $name', async ({ address }) => {
    const net = new NetworkUnderTest();
    const pinned = net.control.setStatic(address, true, act);
    await expect(pinned).rejects.toMatchObject({ code: 'NETWORK.ADDRESS_REFUSED' });
    expect(net.control.audit()).toEqual([]);
  });

  describe('when the store fails', () => {
    const failed = { code: 'NETWORK.STORE_FAILED' };

    async function aNetwork(): Promise<NetworkUnderTest> {
      const net = new NetworkUnderTest().start();
      await net.connect(1);
      await net.store.close();
      return net;
    }

    it('bans and closes all the same, and says so to the caller', async () => {
      const net = await aNetwork();
      await expect(net.control.ban(aPeerId(1), act)).rejects.toMatchObject(failed);
      expect(net.control.bans()).toHaveLength(1);
      expect(net.story()).toEqual(['peer:connected 1', 'peer:disconnected 1 NETWORK.BANNED']);
    });

    it('removes all the same', async () => {
      const net = await aNetwork();
      await expect(net.control.remove(aPeerId(1), act)).rejects.toMatchObject(failed);
      expect(net.story('peer:disconnected')).toEqual(['peer:disconnected 1 NETWORK.REMOVED_BY_OPERATOR']);
    });

    it('trusts and pins all the same', async () => {
      const net = await aNetwork();
      await expect(net.control.setTrusted(aPeerId(2), true, act)).rejects.toMatchObject(failed);
      await expect(net.control.setStatic(anAddress(3), true, act)).rejects.toMatchObject(failed);
      expect([2, 3].map((n) => net.pinned.isPinned(aPeerId(n)))).toEqual([true, true]);
    });
  });

  it('audits who, why and when, at bounded length', async () => {
    const net = new NetworkUnderTest();
    await net.control.ban(aPeerId(1), { by: 'b'.repeat(100), reason: 'r'.repeat(1_000) });
    const [by, reason] = ['b'.repeat(64), 'r'.repeat(256)];
    expect(net.control.bans()).toMatchObject([{ by, reason }]);
    expect(net.control.audit()).toEqual([
      { action: 'ban', target: aPeerId(1), by, reason, atMs: net.clock.nowMs() },
    ]);
  });
});
