import { describe, expect, it } from '@jest/globals';
import { anAddress, aPeerId, NetworkUnderTest } from '../../../../test/support/network-under-test.js';
import type { PeerAddress } from '../ports/types.js';
import { AddRequests } from './add-requests.service.js';

/** The stages of an `add`, failures as `stage code`, and `end`. */
function follow(net: NetworkUnderTest, address: PeerAddress = anAddress(1)): string[] {
  const seen: string[] = [];
  net.peers.add(address).subscribe({
    next: (progress) => {
      seen.push(progress.stage === 'failed' ? `${progress.at} ${progress.error.code}` : progress.stage);
    },
    complete: () => seen.push('end'),
  });
  return seen;
}

describe(AddRequests.name, () => {
  it('tells each stage on the way to a peer', async () => {
    const net = new NetworkUnderTest().start();
    const seen = follow(net);
    await net.settle();
    expect(seen).toEqual(['queued', 'dialing', 'handshake', 'connected', 'end']);
    expect(net.host.remembered).toEqual([anAddress(1)]);
    expect(net.events[0]).toMatchObject({ type: 'peer:dial-queued', priority: 1 });
  });

  it('is done at once with a peer that is there', async () => {
    const net = new NetworkUnderTest().start();
    await net.connect(1);
    expect(follow(net)).toEqual(['connected', 'end']);
    expect(net.host.dialed).toEqual([]);
  });

  it.each([
    {
      name: 'a dial that fails',
      given: (net: NetworkUnderTest) => {
        net.host.dialScript = () => 'refuse';
      },
      expected: ['queued', 'dialing', 'dial NETWORK.DIAL_FAILED', 'end'],
    },
    {
      name: 'a dial without an answer',
      given: (net: NetworkUnderTest) => {
        net.host.dialScript = () => 'hang';
      },
      expected: ['queued', 'dialing', 'dial NETWORK.DIAL_TIMEOUT', 'end'],
    },
    {
      name: 'a peer of another chain',
      given: (net: NetworkUnderTest) => net.hellos.set(aPeerId(1), { chain: 7 }),
      expected: ['queued', 'dialing', 'handshake', 'handshake NETWORK.CHAIN_MISMATCH', 'end'],
    },
    {
      name: 'a peer that has no room for us',
      given: (net: NetworkUnderTest) => net.hellos.set(aPeerId(1), { temporaryDial: true }),
      expected: ['queued', 'dialing', 'handshake', 'handshake NETWORK.NO_FREE_SLOT', 'end'],
    },
  ])('says where $name came to nothing', async ({ given, expected }) => {
    const net = new NetworkUnderTest().start();
    given(net);
    const seen = follow(net);
    await net.settle(net.config.dialTimeoutMs);
    expect(seen).toEqual(expected);
  });

  it.each([
    { name: 'itself', address: anAddress(0), code: 'NETWORK.ADDRESS_REFUSED' },
    { name: 'no address', address: { ...anAddress(1), transport: '' }, code: 'NETWORK.ADDRESS_REFUSED' },
    { name: 'a banned peer', address: anAddress(2), code: 'NETWORK.BANNED' },
    { name: 'a quarantined peer', address: anAddress(3), code: 'NETWORK.QUARANTINED' },
  ])('refuses $name at once', async ({ address, code }) => {
    const net = new NetworkUnderTest().start();
    await net.bans.ban(aPeerId(2), { by: 'operator', reason: 'spam' });
    net.book.quarantine(aPeerId(3), net.clock.nowMs() + 1_000);
    expect(follow(net, address)).toEqual([`queue ${code}`, 'end']);
    expect(net.host.remembered).toEqual([]);
    expect(net.story('peer:dial-queued', 'peer:dial-failed')).toEqual([]);
  });

  it('refuses when too many wait', () => {
    const net = new NetworkUnderTest({ config: { maxOutboundPeers: 0 } }).start();
    for (let n = 1; n <= 1_024; n++) net.peers.add(anAddress(n));
    expect(follow(net, anAddress(1_025))).toEqual(['queue NETWORK.QUEUE_FULL', 'end']);
    expect(follow(net, anAddress(1))).toEqual(['queued']);
  });

  it('gives all who ask for a peer the same answer, and asks anew once that is told', async () => {
    const net = new NetworkUnderTest().start();
    net.host.dialScript = () => 'hang';
    const [one, two] = [follow(net), follow(net)];
    await net.settle(net.config.dialTimeoutMs);
    expect(one).toEqual(['queued', 'dialing', 'dial NETWORK.DIAL_TIMEOUT', 'end']);
    expect(two).toEqual(one);
    net.host.dialScript = () => 'connect';
    const three = follow(net);
    await net.settle();
    expect(three.slice(-2)).toEqual(['connected', 'end']);
  });

  it('waits for a slot, and tells in time that there was none; the dial waits on', async () => {
    const net = new NetworkUnderTest({ config: { maxOutboundPeers: 1 } }).start();
    net.dials.keep([anAddress(2)]);
    await net.settle();
    const seen = follow(net);
    await net.settle(49_999);
    expect(seen).toEqual(['queued']);
    await net.settle(1);
    expect(seen).toEqual(['queued', 'queue NETWORK.NO_FREE_SLOT', 'end']);
    net.host.closePeer(aPeerId(2));
    await net.settle();
    expect(net.members()).toEqual([1]);
  });

  it('ends at its deadline even if a dial knows none', async () => {
    const net = new NetworkUnderTest().start();
    net.host.dial = () => new Promise(() => {});
    const seen = follow(net);
    await net.settle(50_000);
    expect(seen).toEqual(['queued', 'dialing', 'dial NETWORK.DIAL_TIMEOUT', 'end']);
  });

  it('waits while another dial of the peer is under way, and makes its own when that fails', async () => {
    const net = new NetworkUnderTest().start();
    net.host.dialScript = () => 'hang';
    net.dials.keep([anAddress(1)]);
    const seen = follow(net);
    await net.settle();
    expect(seen).toEqual(['queued']);
    net.host.dialScript = () => 'connect';
    await net.settle(net.config.dialTimeoutMs);
    expect(seen).toEqual(['queued', 'dialing', 'handshake', 'connected', 'end']);
    expect(net.dialedNumbers()).toEqual([1, 1]);
  });

  it('waits while another dial of the peer is turned away, and makes its own', async () => {
    const net = new NetworkUnderTest({ config: { discovery: false } }).start();
    net.hellos.set(aPeerId(1), { temporaryDial: true });
    net.dials.keep([anAddress(1)]);
    const seen = follow(net);
    await net.settle();
    expect(seen).toEqual(['queued']);
    net.hellos.delete(aPeerId(1));
    net.host.closePeer(aPeerId(1));
    await net.settle();
    expect(seen.at(-2)).toBe('connected');
  });

  it('goes on when the peer comes in itself and only the dial fails', async () => {
    const net = new NetworkUnderTest({ config: { dialTimeoutMs: 1_000 } }).start();
    net.host.dialScript = () => 'hang';
    net.hellos.set(aPeerId(1), undefined);
    const seen = follow(net);
    await net.connect(1, 'inbound');
    await net.settle(1_000);
    expect(net.story('peer:dial-failed')).toEqual(['peer:dial-failed 1 NETWORK.DIAL_TIMEOUT']);
    expect(seen).toEqual(['queued', 'dialing', 'handshake']);
    await net.settle(net.config.handshakeTimeoutMs);
    expect(seen.slice(3)).toEqual(['handshake NETWORK.RPC_TIMEOUT', 'end']);
  });

  it('does not mind what else befalls the peer while it waits', async () => {
    const net = new NetworkUnderTest({
      config: { maxOutboundPeers: 0, maxInboundPeers: 1, courtesySlots: 0 },
    }).start();
    await net.connect(2);
    const seen = follow(net);
    await net.connect(1);
    expect(net.story('peer:handshake-failed')).toEqual(['peer:handshake-failed 1 NETWORK.NO_FREE_SLOT']);
    expect(seen).toEqual(['queued']);
    net.host.closePeer(aPeerId(2));
    await net.connect(1);
    expect(seen).toEqual(['queued', 'connected', 'end']);
  });

  it('hears that the peer is banned or removed while it waits', async () => {
    const net = new NetworkUnderTest({ config: { maxOutboundPeers: 0 } }).start();
    const [banned, removed] = [follow(net, anAddress(1)), follow(net, anAddress(2))];
    await net.control.ban(aPeerId(1), { by: 'operator', reason: 'spam' });
    await net.control.remove(aPeerId(2), { by: 'operator', reason: 'moved' });
    expect(banned).toEqual(['queued', 'queue NETWORK.BANNED', 'end']);
    expect(removed).toEqual(['queued', 'queue NETWORK.REMOVED_BY_OPERATOR', 'end']);
  });

  it('is cancelled when the node stops', async () => {
    const net = new NetworkUnderTest().start();
    net.host.dialScript = () => 'hang';
    const seen = follow(net);
    await net.settle();
    await net.stop();
    expect(seen).toEqual(['queued', 'dialing', 'dial NETWORK.CANCELLED', 'end']);
    expect(follow(net, anAddress(2))).toEqual(['queue NETWORK.CANCELLED', 'end']);
    await net.settle();
    expect(net.clock.pendingTimers).toBe(0);
  });
});
