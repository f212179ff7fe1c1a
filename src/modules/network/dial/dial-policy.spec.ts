import { describe, expect, it } from '@jest/globals';
import { anAddress, aPeerId, NetworkUnderTest } from '../../../../test/support/network-under-test.js';
import { NetworkError } from '../network.errors.js';
import { DialPolicy } from './dial-policy.js';

const asked = { by: 'operator', reason: 'spam' };

const junk = new NetworkError({
  code: 'NETWORK.BAD_MESSAGE',
  peerId: aPeerId(7),
  path: '/x',
  reason: 'junk',
});

describe(DialPolicy.name, () => {
  it.each([
    { name: 'this node', address: anAddress(0), code: 'NETWORK.ADDRESS_REFUSED' },
    { name: 'no transport', address: { ...anAddress(1), transport: '' }, code: 'NETWORK.ADDRESS_REFUSED' },
    { name: 'a banned peer', address: anAddress(2), code: 'NETWORK.BANNED' },
    {
      name: 'a banned network',
      address: { ...anAddress(3), transport: '/ip4/10.1.2.3/tcp/1' },
      code: 'NETWORK.BANNED',
    },
    { name: 'a peer of another chain', address: anAddress(4), code: 'NETWORK.QUARANTINED' },
    { name: 'one that behaved badly', address: anAddress(7), code: 'NETWORK.SCORE_TOO_LOW' },
    { name: 'anybody else', address: anAddress(5), code: undefined },
    { name: 'a bootnode of another chain', address: anAddress(6), code: undefined },
  ])('refuses $name with $code', async ({ address, code }) => {
    const net = new NetworkUnderTest({ bootnodes: [anAddress(6)] });
    await net.bans.ban(aPeerId(2), asked);
    await net.bans.ban('10.0.0.0/8', asked);
    for (const n of [4, 6]) net.book.quarantine(aPeerId(n), net.clock.nowMs() + 1_000);
    for (let n = 0; n < 3; n++) net.conduct.judge(aPeerId(7), junk);
    expect(net.policy.refusalOf(address)?.code).toBe(code);
    expect(net.policy.wants(address)).toBe(code === undefined);
  });

  it('names what is banned and why', async () => {
    const net = new NetworkUnderTest();
    await net.bans.ban(aPeerId(1), asked);
    await net.bans.ban('10.0.0.0/8', asked);
    expect(net.policy.refusalOf(anAddress(1))?.detail).toMatchObject({ target: aPeerId(1), reason: 'spam' });
    expect(net.policy.refusalOf({ ...anAddress(2), transport: '/ip4/10.1.2.3/tcp/1' })?.detail).toMatchObject(
      { target: '/ip4/10.1.2.3/tcp/1' },
    );
  });

  it('wants nobody who is here, on the way or in a backoff', () => {
    const net = new NetworkUnderTest();
    net.slots.beginDial(aPeerId(1));
    net.backoff.failed(aPeerId(2));
    expect([1, 2, 3].map((n) => net.policy.wants(anAddress(n)))).toEqual([false, false, true]);
    net.clock.advance(1_000);
    expect(net.policy.wants(anAddress(2))).toBe(true);
  });

  it('has room for pinned peers when there is none for others, and for nobody twice', async () => {
    const net = new NetworkUnderTest({ config: { maxOutboundPeers: 1 } });
    await net.pinned.setTrusted(aPeerId(3), true);
    expect(net.policy.hasRoom(aPeerId(2))).toBe(true);
    net.slots.beginDial(aPeerId(1));
    expect([1, 2, 3].map((n) => net.policy.hasRoom(aPeerId(n)))).toEqual([false, false, true]);
  });

  it('lets a quarantine pass', () => {
    const net = new NetworkUnderTest();
    net.book.quarantine(aPeerId(1), net.clock.nowMs() + 1_000);
    expect(net.policy.refusalOf(anAddress(1))).toBeInstanceOf(NetworkError);
    net.clock.advance(1_000);
    expect(net.policy.refusalOf(anAddress(1))).toBeUndefined();
  });
});
