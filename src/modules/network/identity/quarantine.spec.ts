import { describe, expect, it } from '@jest/globals';
import { aPeerId, IdentityUnderTest } from '../../../../test/support/identity-under-test.js';
import type { Direction } from '../ports/types.js';
import { Quarantine } from './quarantine.js';

const MS = 60_000;

/** A node that met peer 1, which is on another chain. */
async function aMeeting(direction: Direction = 'inbound'): Promise<IdentityUnderTest> {
  const net = new IdentityUnderTest({ quarantineMs: MS }).start();
  net.hellos.set(aPeerId(1), { chain: 7 });
  await net.connect(1, direction);
  return net;
}

describe(Quarantine.name, () => {
  it('begins when a peer shows another chain', async () => {
    const net = await aMeeting();
    expect(net.events).toMatchObject([
      { type: 'peer:handshake-failed', peerId: aPeerId(1) },
      { type: 'peer:quarantined', peerId: aPeerId(1), untilMs: net.clock.nowMs() + MS },
    ]);
    expect(net.standing.quarantines).toEqual(new Map([[aPeerId(1), net.clock.nowMs() + MS]]));
    expect(net.connected()).toEqual([]);
  });

  it('refuses the peer before Hello, in silence, until it is over', async () => {
    const net = await aMeeting();
    const before = net.story();
    for (let n = 0; n < 100; n++) await net.connect(1);
    expect(net.connected()).toEqual([]);
    expect(net.protocols.calls).toHaveLength(1);
    expect(net.story()).toEqual(before);
    await net.settle(MS - 1);
    await net.connect(1);
    expect(net.protocols.calls).toHaveLength(1);
    await net.settle(1);
    await net.connect(1);
    expect(net.protocols.calls).toHaveLength(2);
    expect(net.story('peer:quarantined')).toHaveLength(2);
  });

  it('is told of a connection that we made, so that its dial has an outcome', async () => {
    const net = await aMeeting();
    await net.connect(1, 'outbound');
    expect(net.story('peer:handshake-failed')).toEqual([
      'peer:handshake-failed 1 NETWORK.CHAIN_MISMATCH',
      'peer:handshake-failed 1 NETWORK.QUARANTINED',
    ]);
  });

  it('is published once when the peer fails again before it is over', async () => {
    const net = await aMeeting();
    const { clock, standing, table } = net;
    const quarantine = new Quarantine(standing.book, standing.kept, table, clock, MS);
    const untilMs = standing.quarantines.get(aPeerId(1));
    clock.advance(1);
    quarantine.impose(aPeerId(1), standing.fault(1));
    expect(net.story('peer:quarantined')).toHaveLength(1);
    expect(standing.quarantines.get(aPeerId(1))).toBe(untilMs);
  });

  it('spares peers that somebody named', async () => {
    const net = new IdentityUnderTest().start();
    net.standing.pinned.add(aPeerId(1));
    net.hellos.set(aPeerId(1), { chain: 7 });
    await net.connect(1);
    expect(net.standing.quarantines.size).toBe(0);
    expect(net.story()).toEqual(['peer:handshake-failed 1 NETWORK.CHAIN_MISMATCH']);
    net.hellos.delete(aPeerId(1));
    await net.connect(1);
    expect(net.members()).toEqual([1]);
  });

  it('ends for a peer that is named meanwhile', async () => {
    const net = await aMeeting();
    net.standing.pinned.add(aPeerId(1));
    net.hellos.delete(aPeerId(1));
    await net.connect(1);
    expect(net.members()).toEqual([1]);
  });

  it.each([{ claimed: aPeerId(9) }, new Error('broken'), undefined])(
    'is not for other failures',
    async (hello) => {
      const net = new IdentityUnderTest().start();
      net.hellos.set(aPeerId(1), hello);
      await net.connect(1);
      await net.settle(net.config.handshakeTimeoutMs);
      expect(net.story('peer:handshake-failed')).toHaveLength(1);
      expect(net.standing.quarantines.size).toBe(0);
    },
  );
});
