import { describe, expect, it } from '@jest/globals';
import { anAddress, aPeerId, NetworkUnderTest } from '../../../../test/support/network-under-test.js';
import { formatPeerAddress } from '../address/peer-address.js';
import { PeerKeeper } from './peer-keeper.service.js';

const quiet = { discovery: false };
const asked = { by: 'operator', reason: 'test' };

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
    net.dials.request(anAddress(1));
    await net.connect(2);
    net.host.closePeer(aPeerId(1));
    await net.settle(60_000);
    expect(net.members()).toEqual([2]);
  });

  it('goes back to earlier peers when the table is empty', async () => {
    const net = new NetworkUnderTest({ config: quiet }).start();
    net.dials.request(anAddress(1));
    await net.settle();
    net.host.closePeer(aPeerId(1));
    await net.settle(net.config.keepAliveIntervalMs);
    expect(net.members()).toEqual([1]);
  });

  it('backs off from a bootnode that comes and goes, not from one that stayed', async () => {
    const net = new NetworkUnderTest({ config: quiet, bootnodes: [anAddress(1)] }).start();
    const dialsWithin = async (ms: number, stayMs: number) => {
      const before = net.host.dialed.length;
      for (let passed = 0; passed < ms; passed += stayMs) {
        await net.settle(stayMs);
        net.host.closePeer(aPeerId(1));
      }
      return net.host.dialed.length - before;
    };
    expect(await dialsWithin(120_000, 1_000)).toBeLessThan(20);
    await net.settle(30_000);
    expect(net.members()).toEqual([1]);
    await net.settle(30_000);
    net.host.closePeer(aPeerId(1));
    await net.settle(2_000);
    expect(net.members()).toEqual([1]);
  });

  it('tries what else it knows of a bootnode whose address is wrong', async () => {
    const elsewhere = { ...anAddress(1), transport: '/ip4/10.0.0.1/tcp/1' };
    const net = new NetworkUnderTest({ config: quiet, bootnodes: [anAddress(1)] });
    net.book.learned(elsewhere);
    net.host.dialScript = ({ transport }) => (transport === elsewhere.transport ? 'connect' : 'refuse');
    net.start();
    await net.settle(2_000);
    expect(net.host.dialed).toEqual([anAddress(1), elsewhere]);
    expect(net.members()).toEqual([1]);
  });

  it('does not try what is banned of it', async () => {
    const net = new NetworkUnderTest({ config: quiet, bootnodes: [anAddress(1)] });
    net.book.learned({ ...anAddress(1), transport: '/ip4/10.0.0.1/tcp/1' });
    await net.control.ban('10.0.0.0/8', asked);
    net.host.dialScript = () => 'refuse';
    net.start();
    await net.settle(2_000);
    expect(net.host.dialed).toEqual([anAddress(1), anAddress(1), anAddress(1)]);
  });

  it('keeps static peers connected, from the moment they are named and no longer', async () => {
    const net = new NetworkUnderTest({
      config: { ...quiet, maxOutboundPeers: 0, staticPeers: [formatPeerAddress(anAddress(1))] },
    }).start();
    await net.control.setStatic(anAddress(2), true, asked);
    await net.settle();
    expect(net.members()).toEqual([1, 2]);
    net.host.closePeer(aPeerId(2));
    await net.settle(2_000);
    expect(net.members()).toEqual([1, 2]);
    await net.control.setStatic(anAddress(2), false, asked);
    net.host.closePeer(aPeerId(2));
    await net.settle(60_000);
    expect(net.members()).toEqual([1]);
  });

  it('takes the operator’s word on where a bootnode is', async () => {
    const moved = { ...anAddress(1), transport: '/ip4/10.0.0.1/tcp/1' };
    const config = { ...quiet, staticPeers: [formatPeerAddress(moved)] };
    const net = new NetworkUnderTest({ config, bootnodes: [anAddress(1)] }).start();
    await net.settle();
    expect(net.host.dialed).toEqual([moved]);
  });

  it('leaves a banned bootnode alone, and comes back to it when the ban is lifted', async () => {
    const net = new NetworkUnderTest({ config: quiet, bootnodes: [anAddress(1)] });
    await net.control.ban(aPeerId(1), asked);
    net.start();
    await net.settle(60_000);
    expect(net.host.dialed).toEqual([]);
    await net.control.unban(aPeerId(1), asked);
    await net.settle(1_000);
    expect(net.members()).toEqual([1]);
  });

  it('begins with the bootnodes and no more than 64 earlier peers, the latest first', async () => {
    const net = new NetworkUnderTest({ config: quiet, bootnodes: [anAddress(100)] });
    for (let n = 1; n <= 70; n++) {
      net.book.reached(anAddress(n));
      net.clock.advance(1);
    }
    net.start();
    await net.settle();
    expect(net.members()).toEqual([100, 70, 69, 68, 67, 66, 65, 64]);
    expect(net.story('peer:dial-queued')).toHaveLength(65);
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
