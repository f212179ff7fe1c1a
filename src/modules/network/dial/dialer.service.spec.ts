import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { anAddress, aPeerId, NetworkUnderTest } from '../../../../test/support/network-under-test.js';
import { Dialer } from './dialer.service.js';

const signal = new AbortController().signal;

describe(Dialer.name, () => {
  it.each([
    { name: 'no slot is free', config: { maxOutboundPeers: 0 }, busy: false },
    { name: 'the peer has a slot', config: {}, busy: true },
  ])('begins nothing when $name', async ({ config, busy }) => {
    const net = new NetworkUnderTest({ config }).start();
    if (busy) await net.connect(1);
    const before = net.events.length;
    await expect(net.dialer.dial(anAddress(1), signal)).rejects.toMatchObject({
      code: 'NETWORK.NO_FREE_SLOT',
    });
    expect(net.events).toHaveLength(before);
    expect(net.host.dialed).toEqual([]);
    expect(net.slots.stageOf(aPeerId(1))).toBe(busy ? 'active' : undefined);
  });

  it('rejects when it is cancelled, and announces nothing', async () => {
    const net = new NetworkUnderTest();
    net.host.dialScript = () => 'hang';
    const stop = new AbortController();
    const dialed = net.dialer.dial(anAddress(1), stop.signal);
    stop.abort();
    await expect(dialed).rejects.toMatchObject({ code: 'NETWORK.CANCELLED' });
    expect(net.events).toEqual([]);
    expect(net.slots.hasFree('outbound')).toBe(true);
    expect(net.clock.pendingTimers).toBe(0);
    expect(net.dialer.occupied()).toEqual([]);
  });

  it('begins nothing once it is cancelled, and keeps no hold of the signal', async () => {
    const net = new NetworkUnderTest();
    const stop = new AbortController();
    await net.dialer.dial(anAddress(1), stop.signal);
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    stop.abort();
    net.host.dialScript = () => 'hang';
    const dialed = net.dialer.dial(anAddress(2), stop.signal);
    await expect(dialed).rejects.toMatchObject({ code: 'NETWORK.CANCELLED' });
    expect(net.dialer.underWay()).toEqual([]);
  });

  it('gives the connection, and takes up its transport while it dials and after', async () => {
    const net = new NetworkUnderTest();
    const dialed = net.dialer.dial(anAddress(1), signal);
    await expect(dialed).resolves.toMatchObject({ peerId: aPeerId(1), direction: 'outbound' });
    net.host.open(aPeerId(3), 'inbound', '/ip4/1.2.3.4/tcp/1');
    net.host.dialScript = () => 'hang';
    void net.dialer.dial(anAddress(2), signal).catch(() => {});
    expect(net.dialer.occupied()).toEqual([anAddress(1).transport, anAddress(2).transport]);
  });

  it('names an error of another kind, and remembers that the address failed', async () => {
    const net = new NetworkUnderTest();
    net.book.learned(anAddress(1));
    net.book.learned({ ...anAddress(1), transport: '/ip4/10.0.0.1/tcp/1' });
    net.host.dialScript = () => {
      throw new Error('no route');
    };
    const dialed = net.dialer.dial(anAddress(1), signal);
    await expect(dialed).rejects.toMatchObject({ code: 'NETWORK.DIAL_FAILED' });
    expect(net.story()).toEqual(['peer:dial-failed 1 NETWORK.DIAL_FAILED']);
    expect(net.book.addressesOf(aPeerId(1))).toEqual(['/ip4/10.0.0.1/tcp/1', anAddress(1).transport]);
  });

  it.each([
    { name: 'ourselves', address: anAddress(0) },
    { name: 'an address without transport part', address: { ...anAddress(1), transport: '' } },
  ])('does not dial $name', async ({ address }) => {
    const net = new NetworkUnderTest();
    await expect(net.dialer.dial(address, signal)).rejects.toMatchObject({ code: 'NETWORK.DIAL_FAILED' });
    expect(net.host.dialed).toEqual([]);
    expect(net.slots.hasFree('outbound')).toBe(true);
  });
});
