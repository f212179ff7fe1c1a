import { describe, expect, it } from '@jest/globals';
import { anAddress, aPeerId, NetworkUnderTest } from '../../../../test/support/network-under-test.js';
import { NetworkError } from '../network.errors.js';
import { DialHistory, STABLE_AFTER_MS } from './dial-history.js';

const peerId = aPeerId(1);
const cause = new NetworkError({ code: 'NETWORK.CONNECTION_CLOSED', peerId });

function visit(net: NetworkUnderTest, stayMs: number): void {
  net.table.add(peerId, 'outbound', ['outbound']);
  net.clock.advance(stayMs);
  net.table.remove(peerId, cause);
}

describe(DialHistory.name, () => {
  it.each([
    { name: 'one that stayed is forgiven', stayMs: STABLE_AFTER_MS, failures: 1 },
    { name: 'one that did not has failed again', stayMs: STABLE_AFTER_MS - 1, failures: 4 },
  ])('counts connections that end: $name', ({ stayMs, failures }) => {
    const net = new NetworkUnderTest().start();
    for (let n = 0; n < 3; n++) net.backoff.failed(peerId);
    visit(net, stayMs);
    expect(net.backoff.failuresOf(peerId)).toBe(failures);
  });

  it('counts one that was here before it looked as one that did not stay', () => {
    const net = new NetworkUnderTest();
    net.table.add(peerId, 'inbound', ['inbound']);
    net.clock.advance(STABLE_AFTER_MS);
    net.start().table.remove(peerId, cause);
    expect(net.backoff.failuresOf(peerId)).toBe(1);
  });

  it.each([
    { name: 'a dial', event: { type: 'peer:dial-failed', peerId, error: cause }, failures: 1 },
    {
      name: 'a handshake of ours',
      event: { type: 'peer:handshake-failed', peerId, direction: 'outbound', error: cause },
      failures: 1,
    },
    {
      name: 'a handshake of theirs',
      event: { type: 'peer:handshake-failed', peerId, direction: 'inbound', error: cause },
      failures: 0,
    },
    {
      name: 'a queued dial',
      event: { type: 'peer:dial-queued', address: anAddress(1), priority: 1 },
      failures: 0,
    },
  ] as const)('counts $failures failures for $name', ({ event, failures }) => {
    const net = new NetworkUnderTest().start();
    net.table.announce(event);
    expect(net.backoff.failuresOf(peerId)).toBe(failures);
  });

  it('notes when a peer was last here', async () => {
    const net = new NetworkUnderTest().start();
    const seenAtMs = async () => {
      await net.book.flush();
      return (await net.store.read()).peers[0]?.seenAtMs;
    };
    net.table.add(peerId, 'inbound', ['inbound']);
    expect(await seenAtMs()).toBe(net.clock.nowMs());
    net.clock.advance(1_000);
    net.table.remove(peerId, cause);
    expect(await seenAtMs()).toBe(net.clock.nowMs());
  });

  it('remembers the addresses that led to a peer, and no others', async () => {
    const net = new NetworkUnderTest().start();
    net.hellos.set(aPeerId(2), { temporaryDial: true });
    net.hellos.set(aPeerId(3), { claimed: 'somebody else' });
    net.host.dialScript = ({ peerId: dialed }) => (dialed === aPeerId(4) ? 'refuse' : 'connect');
    for (const n of [1, 2, 3, 4]) net.dials.request(anAddress(n));
    await net.settle();
    expect(net.book.knownGood()).toEqual([anAddress(1)]);
  });

  it('learns no address from a connection that the peer made', async () => {
    const net = new NetworkUnderTest().start();
    net.host.dialScript = ({ peerId: dialed }) => {
      net.host.open(dialed, 'inbound');
      return 'refuse';
    };
    net.dials.request(anAddress(1));
    await net.settle();
    expect(net.members()).toEqual([1]);
    expect(net.book.knownGood()).toEqual([]);
  });

  describe('goes elsewhere', () => {
    const others = ['/ip4/10.0.0.1/tcp/1', '/ip4/10.0.0.2/tcp/1'].map((transport) => ({ peerId, transport }));
    const anyAddress = () => true;

    function aNetwork(failures: number): NetworkUnderTest {
      const net = new NetworkUnderTest();
      for (let n = 0; n < failures; n++) net.backoff.failed(peerId);
      return net;
    }

    it.each([
      { failures: 0, elsewhere: false },
      { failures: 1, elsewhere: true },
      { failures: 2, elsewhere: false },
      { failures: 3, elsewhere: true },
    ])('after $failures failures: $elsewhere', ({ failures, elsewhere }) => {
      const net = aNetwork(failures);
      for (const address of [anAddress(1), ...others]) net.book.learned(address);
      const next = net.history.nextTry(anAddress(1), anyAddress);
      expect(next.transport !== anAddress(1).transport).toBe(elsewhere);
    });

    it('only where it knows a place that may be dialed', () => {
      const net = aNetwork(1);
      expect(net.history.nextTry(anAddress(1), anyAddress)).toEqual(anAddress(1));
      for (const address of others) net.book.learned(address);
      const [, second] = others;
      expect(net.history.nextTry(anAddress(1), (address) => address.transport === second?.transport)).toEqual(
        second,
      );
      expect(net.history.nextTry(anAddress(1), () => false)).toEqual(anAddress(1));
    });
  });
});
