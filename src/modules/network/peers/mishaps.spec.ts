import { describe, expect, it } from '@jest/globals';
import { aPeerId } from '../../../../test/support/network-under-test.js';
import { NetworkError } from '../network.errors.js';
import type { PeerEvent } from '../network.events.js';
import type { PeerId } from '../ports/types.js';
import { Mishaps } from './mishaps.js';

const peerId = aPeerId(1);
const error = new NetworkError({ code: 'NETWORK.CONNECTION_CLOSED', peerId });

describe(Mishaps.name, () => {
  it.each<{ event: PeerEvent; kind: string | undefined }>([
    { event: { type: 'peer:dial-failed', peerId, error, atMs: 1 }, kind: 'dial' },
    {
      event: { type: 'peer:handshake-failed', peerId, direction: 'inbound', error, atMs: 1 },
      kind: 'handshake',
    },
    { event: { type: 'peer:disconnected', peerId, cause: error, atMs: 1 }, kind: 'disconnect' },
    { event: { type: 'peer:score-lowered', peerId, error, points: 1, score: -1, atMs: 1 }, kind: 'conduct' },
    { event: { type: 'peer:quarantined', peerId, error, untilMs: 2, atMs: 1 }, kind: 'quarantine' },
    { event: { type: 'peer:connected', peerId, direction: 'inbound', atMs: 1 }, kind: undefined },
  ])('learns from $event.type: $kind', ({ event, kind }) => {
    const mishaps = new Mishaps();
    mishaps.learn(event);
    expect(mishaps.lastOf(peerId)?.kind).toBe(kind);
  });

  it('keeps the last of each peer, and forgets peers of long ago', () => {
    const mishaps = new Mishaps();
    const fail = (id: string, atMs: number) =>
      mishaps.learn({ type: 'peer:dial-failed', peerId: id as PeerId, error, atMs });
    fail('a', 1);
    fail('b', 2);
    fail('a', 3);
    expect(mishaps.lastOf('a' as PeerId)?.atMs).toBe(3);
    for (let n = 0; n < 4_095; n++) fail(`stranger ${n}`, 4);
    expect(mishaps.lastOf('b' as PeerId)).toBeUndefined();
    expect(mishaps.lastOf('a' as PeerId)?.atMs).toBe(3);
  });
});
