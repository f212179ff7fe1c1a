import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aPeerId, IdentityUnderTest } from '../../../../test/support/identity-under-test.js';
import { NetworkError } from '../network.errors.js';

const FREE = { active: 0, pending: 0 };
const NOTHING = { inbound: FREE, outbound: FREE, reserved: 0, courtesy: 0 };

const step = fc.record({
  n: fc.integer({ min: 1, max: 6 }),
  act: fc.constantFrom(
    'in',
    'out',
    'closeFirst',
    'closeAll',
    'drop',
    'expel',
    'settle',
    'wait',
    'silent',
    'good',
    'liar',
    'visitor',
    'otherChain',
    'dial',
    'endDial',
    'known',
    'unknown',
    'faulty',
    'useful',
  ),
});

/** Pinned peers, one more than there are reserved slots. */
const PINNED = [1, 2];
const LIMITS = { maxInboundPeers: 2, maxOutboundPeers: 2, reservedSlots: 1, courtesySlots: 1 };

async function take(net: IdentityUnderTest, act: string, n: number): Promise<void> {
  const peerId = aPeerId(n);
  const { host, slots, standing, hellos } = net;
  const [first] = host.connections().filter((connection) => connection.peerId === peerId);
  switch (act) {
    case 'in':
    case 'out': {
      const remote = `/ip4/192.0.${n % 2}.1/tcp/1`;
      host.open(peerId, act === 'in' ? 'inbound' : 'outbound', remote);
      return;
    }
    case 'closeFirst':
      if (first !== undefined) host.close(first);
      return;
    case 'closeAll':
      host.closePeer(peerId);
      return;
    case 'drop':
      void net.identity.disconnect(peerId, new NetworkError({ code: 'NETWORK.CANCELLED' }));
      return;
    case 'expel':
      standing.expulsions.next({ peerId, cause: standing.fault(n) });
      return;
    case 'settle':
      await net.settle();
      return;
    case 'wait':
      await net.settle(5_000);
      return;
    case 'silent':
      hellos.set(peerId, undefined);
      return;
    case 'good':
      hellos.delete(peerId);
      return;
    case 'liar':
      hellos.set(peerId, { claimed: aPeerId(99) });
      return;
    case 'visitor':
      hellos.set(peerId, { temporaryDial: true });
      return;
    case 'otherChain':
      hellos.set(peerId, { chain: 7 });
      return;
    case 'dial':
      slots.beginDial(peerId);
      return;
    case 'endDial':
      slots.endDial(peerId);
      return;
    case 'known':
      standing.knownGood.add(peerId);
      return;
    case 'unknown':
      standing.knownGood.delete(peerId);
      return;
    case 'faulty':
      standing.scores.set(peerId, -30);
      return;
    default:
      slots.markUseful(peerId, net.clock.nowMs());
  }
}

describe('any order of what peers may do', () => {
  it('keeps table, slots and connections in step, and leaves no slot behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const net = new IdentityUnderTest({
          ...LIMITS,
          handshakeTimeoutMs: 3_000,
          quarantineMs: 9_000,
        }).start();
        for (const n of PINNED) net.standing.pinned.add(aPeerId(n));
        for (const { n, act } of steps) {
          await take(net, act, n);
          const { inbound, outbound, reserved, courtesy } = net.slots.usage();
          expect(inbound.active + inbound.pending).toBeLessThanOrEqual(LIMITS.maxInboundPeers);
          expect(outbound.active + outbound.pending).toBeLessThanOrEqual(LIMITS.maxOutboundPeers);
          expect(reserved).toBeLessThanOrEqual(LIMITS.reservedSlots);
          expect(courtesy).toBeLessThanOrEqual(LIMITS.courtesySlots);
        }
        for (let n = 1; n <= 6; n++) net.slots.endDial(aPeerId(n));
        await net.settle(60_000);
        const members = new Set(net.members());
        expect(new Set(net.connected())).toEqual(members);
        const { inbound, outbound, reserved, courtesy } = net.slots.usage();
        expect(inbound.active + outbound.active + reserved).toBe(members.size);
        expect(inbound.pending + outbound.pending + courtesy).toBe(0);
        expect(net.story('peer:connected').length - net.story('peer:disconnected').length).toBe(members.size);
        expect(net.clock.pendingTimers).toBe(0);
        for (const n of members) net.host.closePeer(aPeerId(n));
        expect(net.slots.usage()).toEqual(NOTHING);
        await net.stop();
      }),
      { numRuns: 60 },
    );
  });

  it('leaves nothing when it is stopped in the midst of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.boolean(), async (steps, hostFirst) => {
        const net = new IdentityUnderTest(LIMITS).start();
        for (const { n, act } of steps) await take(net, act, n);
        if (hostFirst) await net.host.stop();
        net.identity.stop();
        for (let n = 1; n <= 6; n++) net.slots.endDial(aPeerId(n));
        await net.settle();
        expect(net.slots.usage()).toEqual(NOTHING);
        expect(net.members()).toEqual([]);
        expect(net.clock.pendingTimers).toBe(0);
      }),
      { numRuns: 30 },
    );
  });
});
