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
  });
});
