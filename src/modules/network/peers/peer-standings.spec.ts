import { describe, expect, it } from '@jest/globals';
import { anAddress, aPeerId, NetworkUnderTest } from '../../../../test/support/network-under-test.js';
import { PeerStandings } from './peer-standings.js';

const NOBODY = {
  isSelf: false,
  isNamed: false,
  addresses: [],
  seenAtMs: undefined,
  dial: undefined,
  isCandidate: false,
  failures: 0,
  retryInMs: 0,
  isScoreTooLow: false,
};

describe(PeerStandings.name, () => {
  it('knows nothing of a stranger, and itself', () => {
    const net = new NetworkUnderTest();
    expect(net.peers.standing(aPeerId(1))).toEqual({
      ...NOBODY,
      slots: {
        inbound: { taken: 0, limit: net.config.maxInboundPeers },
        outbound: { taken: 0, limit: net.config.maxOutboundPeers },
      },
    });
    expect(net.peers.standing(net.peers.self).isSelf).toBe(true);
  });

  it('tells where a peer may be, with the bans there, and that discovery told of it', async () => {
    const net = new NetworkUnderTest({ config: { maxOutboundPeers: 0 } });
    const ban = await net.control.ban('127.0.0.0/8', { by: 'ops', reason: 'x' });
    net.book.learned(anAddress(1));
    net.pool.offer({ address: anAddress(1), source: 'ann' });
    net.pool.offer({ address: { ...anAddress(1), transport: '/ip4/10.1.1.1/tcp/1' }, source: 'ann' });
    expect(net.peers.standing(aPeerId(1))).toMatchObject({
      isCandidate: true,
      addresses: [
        { transport: anAddress(1).transport, failures: 0, ban },
        { transport: '/ip4/10.1.1.1/tcp/1', failures: 0, ban: undefined },
      ],
    });
  });

  it('follows dials and their failures', async () => {
    const net = new NetworkUnderTest({ config: { maxOutboundPeers: 1 } });
    net.peers.add(anAddress(1));
    expect(net.peers.standing(aPeerId(1)).dial).toBe('queued');
    net.start();
    await net.settle();
    net.peers.add(anAddress(2));
    const dials = [1, 2].map((n) => net.peers.standing(aPeerId(n)).dial);
    expect(dials).toContain('queued');
    net.backoff.failed(aPeerId(3));
    expect(net.peers.standing(aPeerId(3))).toMatchObject({ failures: 1, retryInMs: expect.any(Number) });
    expect(net.peers.standing(aPeerId(3)).retryInMs).toBeGreaterThan(0);
    await net.stop();
  });

  it('remembers peers that are away, those of use first, and so many as asked', async () => {
    const net = new NetworkUnderTest().start();
    net.book.learned(anAddress(3));
    net.book.reached(anAddress(2));
    await net.connect(1);
    expect(net.peers.remembered(10)).toEqual([aPeerId(2), aPeerId(3)]);
    expect(net.peers.remembered(1)).toEqual([aPeerId(2)]);
    await net.stop();
  });

  it('tells of a low score and of the last mishap', () => {
    const net = new NetworkUnderTest();
    for (let n = 0; n < 2; n++) {
      net.peers.report(aPeerId(1), { code: 'SYNC.BAD_BLOCK', message: 'bad', severity: 'drop' });
    }
    expect(net.peers.standing(aPeerId(1)).isScoreTooLow).toBe(true);
    expect(net.peers.describe(aPeerId(1)).lastMishap).toMatchObject({
      kind: 'conduct',
      error: { code: 'NETWORK.REPORTED_BY_CONSUMER' },
    });
  });

  it('a peer that was of use is so from now', async () => {
    const net = new NetworkUnderTest().start();
    await net.connect(1);
    expect(net.slots.lastUsefulAtMs(aPeerId(1))).toBeUndefined();
    net.peers.markUseful(aPeerId(1));
    expect(net.slots.lastUsefulAtMs(aPeerId(1))).toBe(net.clock.nowMs());
    await net.stop();
  });
});
