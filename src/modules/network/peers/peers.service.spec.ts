import { describe, expect, it } from '@jest/globals';
import { anAddress, aPeerId, NetworkUnderTest } from '../../../../test/support/network-under-test.js';
import { NetworkError } from '../network.errors.js';
import { PeersService } from './peers.service.js';

const fault = { code: 'SYNC.BAD_BLOCK', message: 'bad block' };

describe(PeersService.name, () => {
  it('lists peers with direction and time; the list is the caller’s own', async () => {
    const net = new NetworkUnderTest().start();
    await net.connect(1);
    const list = net.peers.list();
    expect(list).toEqual([{ peerId: aPeerId(1), directions: ['inbound'], connectedAtMs: net.clock.nowMs() }]);
    (list as unknown[]).length = 0;
    expect(net.peers.list()).toHaveLength(1);
    expect(net.peers.has(aPeerId(1))).toBe(true);
    expect(net.peers.has(net.peers.self)).toBe(false);
  });

  it('describes anyone: known, unknown and itself', () => {
    const net = new NetworkUnderTest();
    net.host.listening.push('/ip4/10.0.0.1/tcp/1');
    net.host.infos.set(aPeerId(1), {
      protocols: ['/id/0.1'],
      addresses: ['/ip4/1.2.3.4/tcp/1'],
      agent: 'x',
      latencyMs: 7,
    });
    const stranger = {
      protocols: [],
      addresses: [],
      agent: undefined,
      score: 0,
      reasons: [],
      isTrusted: false,
      isStatic: false,
      ban: undefined,
      quarantinedUntilMs: undefined,
      latencyMs: undefined,
      traffic: undefined,
      lastMishap: undefined,
    };
    expect(net.peers.describe(aPeerId(1))).toEqual({
      ...stranger,
      peerId: aPeerId(1),
      protocols: ['/id/0.1'],
      addresses: ['/ip4/1.2.3.4/tcp/1'],
      agent: 'x',
      latencyMs: 7,
    });
    expect(net.peers.describe(aPeerId(2))).toEqual({ ...stranger, peerId: aPeerId(2) });
    expect(net.peers.describe(net.peers.self)).toEqual({
      ...stranger,
      peerId: net.peers.self,
      addresses: ['/ip4/10.0.0.1/tcp/1'],
    });
  });

  it('describes what is held against a peer and what an operator wants of it', async () => {
    const net = new NetworkUnderTest();
    const untilMs = net.clock.nowMs() + 1_000;
    net.peers.report(aPeerId(1), { ...fault, severity: 'lower' });
    net.book.quarantine(aPeerId(1), untilMs);
    const ban = await net.control.ban(aPeerId(1), { by: 'operator', reason: 'spam' });
    expect(net.peers.describe(aPeerId(1))).toMatchObject({
      score: -5,
      reasons: [{ code: fault.code, points: 5 }],
      ban,
      quarantinedUntilMs: untilMs,
    });
    await net.control.setTrusted(aPeerId(2), true, { by: 'operator', reason: 'ours' });
    await net.control.setStatic(anAddress(2), true, { by: 'operator', reason: 'ours' });
    expect(net.peers.describe(aPeerId(2))).toMatchObject({ isTrusted: true, isStatic: true });
  });

  it('shows its own address as the Go client does', () => {
    const net = new NetworkUnderTest();
    expect(net.peers.selfAddress()).toBeUndefined();
    net.host.listening.push('/ip4/127.0.0.1/tcp/1', '/ip4/10.0.0.1/tcp/1');
    expect(net.peers.selfAddress()).toEqual({ peerId: net.peers.self, transport: '/ip4/10.0.0.1/tcp/1' });
  });

  it.each([
    { severity: 'drop', left: 0, score: -20 },
    { severity: 'lower', left: 1, score: -5 },
    { severity: 'retry', left: 1, score: 0 },
  ] as const)(
    'of a peer reported with $severity keeps $left connections',
    async ({ severity, left, score }) => {
      const net = new NetworkUnderTest().start();
      const peerId = await net.connect(1);
      net.peers.report(peerId, { ...fault, severity });
      await net.settle();
      expect(net.host.connections()).toHaveLength(left);
      expect(net.peers.describe(peerId).score).toBe(score);
    },
  );

  it('takes reports on strangers, and keeps no long text', async () => {
    const net = new NetworkUnderTest().start();
    net.peers.report(aPeerId(9), { ...fault, severity: 'drop' });
    const peerId = await net.connect(1);
    net.peers.report(peerId, { ...fault, message: 'x'.repeat(100_000), severity: 'drop' });
    await net.settle();
    const left = net.events.find((event) => event.type === 'peer:disconnected');
    expect(left?.cause.code).toBe('NETWORK.REPORTED_BY_CONSUMER');
    expect(left?.cause.message.length).toBeLessThan(500);
  });

  it('disconnects with a cause, and streams events until the end', async () => {
    const net = new NetworkUnderTest().start();
    const seen: string[] = [];
    net.peers.events$.subscribe({ next: ({ type }) => seen.push(type), complete: () => seen.push('end') });
    const peerId = await net.connect(1);
    await net.peers.disconnect(peerId, new NetworkError({ code: 'NETWORK.CANCELLED' }));
    await net.stop();
    expect(seen).toEqual(['peer:connected', 'peer:disconnected', 'end']);
  });
});
