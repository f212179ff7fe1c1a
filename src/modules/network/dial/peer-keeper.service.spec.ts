import { describe, expect, it } from '@jest/globals';
import { anAddress, aPeerId, NetworkUnderTest } from '../../../../test/support/network-under-test.js';
import { DialPriority } from './dial-queue.js';
import { PeerKeeper } from './peer-keeper.service.js';

const quiet = { discovery: false };

describe(PeerKeeper.name, () => {
  it('dials all bootnodes at the start', async () => {
    const net = new NetworkUnderTest({ bootnodes: [anAddress(1), anAddress(2)] }).start();
    await net.settle();
    expect(net.members()).toEqual([1, 2]);
  });

  it('backs off from a bootnode that is gone, and has it back within 30 s of its return', async () => {
    const net = new NetworkUnderTest({ config: quiet, bootnodes: [anAddress(1)] }).start();
    await net.settle();
    net.host.dialScript = () => 'refuse';
    net.host.closePeer(aPeerId(1));
    await net.settle(600_000);
    const attempts = net.story('peer:dial-failed').length;
    expect(attempts).toBeGreaterThanOrEqual(600 / 21);
    expect(attempts).toBeLessThan(80);
    net.host.dialScript = () => 'connect';
    await net.settle(30_000);
    expect(net.members()).toEqual([1]);
  });

  it('brings a bootnode back that others hold in their table meanwhile', async () => {
    const net = new NetworkUnderTest({ config: quiet, bootnodes: [anAddress(1)] }).start();
    await net.settle();
    net.host.closePeer(aPeerId(1));
    await net.connect(1, 'inbound');
    await net.settle(10_000);
    expect(net.dialedNumbers()).toEqual([1]);
    net.host.closePeer(aPeerId(1));
    await net.settle(2_000);
    expect(net.dialedNumbers()).toEqual([1, 1]);
    expect(net.members()).toEqual([1]);
  });

  it('has a bootnode back that was closed by mistake of another chain', async () => {
    const net = new NetworkUnderTest({ config: quiet, bootnodes: [anAddress(1)] });
    net.hellos.set(aPeerId(1), { chain: 7 });
    net.start();
    await net.settle(60_000);
    expect(net.host.dialed.length).toBeLessThan(12);
    net.hellos.delete(aPeerId(1));
    await net.settle(22_000);
    expect(net.members()).toEqual([1]);
  });

  it('does not dial an earlier peer that is no bootnode while others are there', async () => {
    const net = new NetworkUnderTest({ config: quiet }).start();
    net.dials.enqueue(anAddress(1), DialPriority.REQUESTED);
    await net.connect(2);
    net.host.closePeer(aPeerId(1));
    await net.settle(60_000);
    expect(net.members()).toEqual([2]);
  });

  it('goes back to earlier peers when the table is empty', async () => {
    const net = new NetworkUnderTest({ config: quiet }).start();
    net.dials.enqueue(anAddress(1), DialPriority.REQUESTED);
    await net.settle();
    net.host.closePeer(aPeerId(1));
    await net.settle(net.config.keepAliveIntervalMs);
    expect(net.members()).toEqual([1]);
  });

  it('does no more after its stop, nor before its start', async () => {
    const early = new NetworkUnderTest({ bootnodes: [anAddress(1)] });
    early.keeper.stop();
    early.start();
    await early.settle(60_000);
    expect(early.host.dialed).toEqual([]);

    const net = new NetworkUnderTest({ bootnodes: [anAddress(1)] }).start();
    net.keeper.start();
    await net.settle();
    await net.stop();
    await net.settle(60_000);
    expect(net.dialedNumbers()).toEqual([1]);
    expect(net.clock.pendingTimers).toBe(0);
  });
});
