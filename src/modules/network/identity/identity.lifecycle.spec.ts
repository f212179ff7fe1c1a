import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aPeerId, HELLO, NetworkUnderTest } from '../../../../test/support/network-under-test.js';
import { NetworkError } from '../network.errors.js';
import type { PeerId } from '../ports/types.js';

const FREE = { active: 0, pending: 0 };

function slotsOf({ slots }: NetworkUnderTest) {
  return { inbound: slots.counts('inbound'), outbound: slots.counts('outbound') };
}

describe('the life of an IdentityService', () => {
  it('names the cause of a disconnect, the first one given', async () => {
    const net = new NetworkUnderTest().start();
    const peerId = await net.connect(1);
    const fault = { code: 'SYNC.BAD_BLOCK', message: 'bad block', severity: 'drop' } as const;
    net.peers.report(peerId, fault);
    net.peers.report(peerId, { ...fault, code: 'SYNC.OTHER' });
    await net.settle();
    expect(net.events.at(-1)).toMatchObject({
      type: 'peer:disconnected',
      cause: { detail: { code: 'NETWORK.REPORTED_BY_CONSUMER', fault: 'SYNC.BAD_BLOCK' } },
    });
  });

  it('ends a session whose host forgets to tell of its end', async () => {
    const net = new NetworkUnderTest().start();
    const peerId = await net.connect(1);
    net.host.disconnect = async () => {};
    net.host.connections = () => [];
    await net.identity.disconnect(peerId, new NetworkError({ code: 'NETWORK.CANCELLED' }));
    expect(net.members()).toEqual([]);
    expect(net.slots.counts('inbound')).toEqual(FREE);
  });

  it('survives a host that cannot disconnect', async () => {
    const net = new NetworkUnderTest().start();
    const peerId = await net.connect(1);
    net.host.disconnect = async () => {
      throw new Error('stuck');
    };
    await net.identity.disconnect(peerId, new NetworkError({ code: 'NETWORK.CANCELLED' }));
    expect(net.members()).toEqual([1]);
  });

  it('may be started twice, and greets each peer once', async () => {
    const net = new NetworkUnderTest().start();
    net.identity.start();
    await net.connect(1);
    expect(net.protocols.callsOf(HELLO).map(({ peerId }) => peerId)).toEqual([aPeerId(1)]);
    expect(net.story()).toEqual(['peer:connected 1']);
  });

  it('can stop at any time, twice, and before it started', async () => {
    const idle = new NetworkUnderTest();
    idle.identity.stop();
    const net = new NetworkUnderTest().start();
    net.hellos.set(aPeerId(2), undefined);
    net.hellos.set(aPeerId(3), { temporaryDial: true });
    for (const n of [1, 2, 3]) await net.connect(n);
    let ended = false;
    net.table.events$.subscribe({
      complete: () => {
        ended = true;
      },
    });
    await net.stop();
    await net.settle();
    net.identity.stop();
    expect(ended).toBe(true);
    expect(net.members()).toEqual([]);
    expect(slotsOf(net)).toEqual({ inbound: FREE, outbound: FREE });
    expect(net.clock.pendingTimers).toBe(0);
  });

  it('lets go of everything when it is stopped before the host', async () => {
    const net = new NetworkUnderTest().start();
    await net.connect(1);
    net.identity.stop();
    expect(net.members()).toEqual([]);
    expect(slotsOf(net)).toEqual({ inbound: FREE, outbound: FREE });
    await net.settle();
    expect(net.host.connections()).toHaveLength(1);
    expect(net.protocols.callsOf(HELLO)).toHaveLength(1);
  });

  it('holds nothing after a flood of connections that come and go', async () => {
    const net = new NetworkUnderTest({ config: { maxInboundPeers: 4 } }).start();
    for (let n = 1; n <= 3_000; n++) {
      const connection = net.host.open(aPeerId(n), 'inbound');
      if (n % 3 === 0) net.host.close(connection);
      if (n % 500 === 0) await net.settle();
    }
    for (const connection of net.host.connections()) net.host.close(connection);
    await net.settle();
    expect(slotsOf(net)).toEqual({ inbound: FREE, outbound: FREE });
    expect(net.members()).toEqual([]);
    const connected = net.story('peer:connected').length;
    expect(connected).toBeGreaterThan(0);
    expect(net.story('peer:disconnected')).toHaveLength(connected);
  });

  it('keeps table, slots and connections in step through any order of events', async () => {
    const step = fc.record({
      n: fc.integer({ min: 1, max: 4 }),
      act: fc.constantFrom('in', 'out', 'closeFirst', 'closeAll', 'drop', 'settle', 'silent', 'good'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const net = new NetworkUnderTest({
          config: { maxInboundPeers: 2, maxOutboundPeers: 2, discovery: false },
        }).start();
        for (const { n, act } of steps) {
          const peerId: PeerId = aPeerId(n);
          const [first] = net.host.connections().filter((connection) => connection.peerId === peerId);
          if (act === 'in') net.host.open(peerId, 'inbound');
          else if (act === 'out') net.host.open(peerId, 'outbound');
          else if (act === 'closeFirst' && first !== undefined) net.host.close(first);
          else if (act === 'closeAll') net.host.closePeer(peerId);
          else if (act === 'drop')
            void net.peers.disconnect(peerId, new NetworkError({ code: 'NETWORK.CANCELLED' }));
          else if (act === 'silent') net.hellos.set(peerId, undefined);
          else if (act === 'good') net.hellos.delete(peerId);
          else if (act === 'settle') await net.settle();
          for (const direction of ['inbound', 'outbound'] as const) {
            const { active, pending } = net.slots.counts(direction);
            expect(active + pending).toBeLessThanOrEqual(2);
          }
        }
        await net.settle(net.config.handshakeTimeoutMs);
        const live = new Set(net.host.connections().map(({ peerId }) => peerId));
        expect(new Set(net.table.list().map(({ peerId }) => peerId))).toEqual(live);
        const { inbound, outbound } = slotsOf(net);
        expect(inbound.active + outbound.active).toBe(live.size);
        expect(inbound.pending + outbound.pending).toBe(0);
        const joined = net.story('peer:connected').length - net.story('peer:disconnected').length;
        expect(joined).toBe(live.size);
        await net.stop();
        expect(net.clock.pendingTimers).toBe(0);
      }),
      { numRuns: 30 },
    );
  });
});
