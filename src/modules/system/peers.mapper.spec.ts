import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { anUnknown, aStranger } from '../../../test/support/fake-network.js';
import { other } from '../../../test/support/system-under-test.js';
import {
  Direction,
  ExplainPeerResponseSchema,
  PeerEntrySchema,
  PeerEventSchema,
  AddPeerResponse_Stage as Stage,
  AddPeerResponse_Step as Step,
  PeerEvent_Type as Type,
} from '../../gen/edgekeeper/v1/peers_pb.js';
import { NetworkError, type PeerEvent } from '../network/index.js';
import { toAddResponse, toExplanation, toPeerEntry, toPeerEvent } from './peers.mapper.js';

const error = new NetworkError({ code: 'NETWORK.CONNECTION_CLOSED', peerId: other });
const reason = { code: 'NETWORK.CONNECTION_CLOSED', text: error.message, atMs: 5n };
const address = { peerId: other, transport: '/ip4/10.0.0.1/tcp/1' };
const target = { kind: 'peer' as const, peerId: other };
const cidr = { kind: 'network' as const, cidr: '10.0.0.0/8' };
const ban = { target, sinceMs: 1, untilMs: 2, reason: 'spam', by: 'ops' };

describe(toPeerEntry.name, () => {
  it('shows all that is known of a connected peer', () => {
    const details = {
      ...aStranger(other),
      agent: 'edgekeeper/1',
      addresses: [address.transport],
      score: -2.5,
      reasons: [{ code: 'X', points: 3, atMs: 4 }],
      isTrusted: true,
      latencyMs: 1.5,
      traffic: { receivedBytes: 10, sentBytes: 20 },
      lastMishap: { kind: 'disconnect' as const, error, atMs: 5 },
      ban,
      quarantinedUntilMs: 6,
    };
    const info = { peerId: other, directions: ['inbound' as const, 'outbound' as const], connectedAtMs: 70 };
    const entry = toPeerEntry({ nowMs: 100, info, details, standing: anUnknown, claimedHeight: 9 });
    expect(create(PeerEntrySchema, entry)).toMatchObject({
      id: other,
      connected: true,
      directions: [Direction.INBOUND, Direction.OUTBOUND],
      connectedSinceMs: 70n,
      ageMs: 30n,
      latencyMs: 1.5,
      claimedHeight: 9n,
      agent: 'edgekeeper/1',
      score: -2.5,
      scoreReasons: [{ code: 'X', points: 3, atMs: 4n }],
      addresses: [address.transport],
      traffic: { receivedBytes: 10n, sentBytes: 20n },
      lastError: reason,
      trusted: true,
      ban: { target: other, sinceMs: 1n, untilMs: 2n, reason: 'spam', by: 'ops' },
      quarantinedUntilMs: 6n,
    });
  });

  it('leaves out what is not known, and says where a peer that is away may be', () => {
    const standing = { addresses: [{ transport: '/ip4/10.0.0.2/tcp/2', failures: 0, ban: undefined }] };
    const facts = {
      nowMs: 1,
      info: undefined,
      details: aStranger(other),
      standing,
      claimedHeight: undefined,
    };
    const entry = create(PeerEntrySchema, toPeerEntry(facts));
    expect(entry).toMatchObject({ connected: false, directions: [], addresses: ['/ip4/10.0.0.2/tcp/2'] });
    for (const key of ['latencyMs', 'claimedHeight', 'traffic', 'lastError', 'ban'] as const) {
      expect(entry[key]).toBeUndefined();
    }
  });
});

describe(toPeerEvent.name, () => {
  const atMs = 5;
  it.each<{ event: PeerEvent; expected: object }>([
    {
      event: { type: 'peer:dial-queued', address, priority: 1, atMs },
      expected: { type: Type.DIAL_QUEUED, peerId: other, address: address.transport },
    },
    {
      event: { type: 'peer:dial-started', address, atMs },
      expected: { type: Type.DIAL_STARTED, peerId: other, address: address.transport },
    },
    {
      event: { type: 'peer:dial-failed', peerId: other, error, atMs },
      expected: { type: Type.DIAL_FAILED, peerId: other, cause: reason },
    },
    {
      event: { type: 'peer:handshake-failed', peerId: other, direction: 'outbound', error, atMs },
      expected: { type: Type.HANDSHAKE_FAILED, direction: Direction.OUTBOUND, cause: reason },
    },
    {
      event: { type: 'peer:connected', peerId: other, direction: 'inbound', atMs },
      expected: { type: Type.CONNECTED, peerId: other, direction: Direction.INBOUND },
    },
    {
      event: { type: 'peer:disconnected', peerId: other, cause: error, atMs },
      expected: { type: Type.DISCONNECTED, peerId: other, cause: reason },
    },
    {
      event: { type: 'peer:score-lowered', peerId: other, error, points: 2, score: -3, atMs },
      expected: { type: Type.SCORE_LOWERED, points: 2, score: -3, cause: reason },
    },
    {
      event: { type: 'peer:quarantined', peerId: other, error, untilMs: 9, atMs },
      expected: { type: Type.QUARANTINED, untilMs: 9n, cause: reason },
    },
    {
      event: { type: 'peer:banned', ban, atMs },
      expected: { type: Type.BANNED, peerId: other, ban: { target: other } },
    },
    {
      event: { type: 'peer:banned', ban: { ...ban, target: cidr }, atMs },
      expected: { type: Type.BANNED, peerId: '', ban: { target: '10.0.0.0/8' } },
    },
    {
      event: { type: 'peer:unbanned', target: cidr, atMs },
      expected: { type: Type.UNBANNED, peerId: '', target: '10.0.0.0/8' },
    },
    {
      event: { type: 'peer:pinned', peerId: other, isTrusted: true, isStatic: false, atMs },
      expected: { type: Type.PINNED, peerId: other, trusted: true, static: false },
    },
  ])('$event.type', ({ event, expected }) => {
    expect(create(PeerEventSchema, toPeerEvent(event))).toMatchObject({ atMs: 5n, ...expected });
  });
});

describe(toAddResponse.name, () => {
  it('tells the stage, and of a failure where and why', () => {
    expect(toAddResponse({ stage: 'dialing' }, 5, true)).toEqual({ stage: Stage.DIALING, timedOut: true });
    expect(toAddResponse({ stage: 'failed', at: 'handshake', error }, 5, false)).toEqual({
      stage: Stage.FAILED,
      failedAt: Step.HANDSHAKE,
      reason,
      timedOut: false,
    });
  });
});

describe(toExplanation.name, () => {
  it('gives each answer with its causes and in one line', () => {
    const connected = { yes: true, causes: [{ code: 'PEER.CONNECTED', text: 'it is', atMs: 5 }] };
    const no = {
      yes: false,
      causes: [
        { code: 'A', text: 'a' },
        { code: 'B', text: 'b', subject: 's' },
      ],
    };
    const reply = toExplanation(other, { connection: connected, ban: no, syncSource: no });
    expect(create(ExplainPeerResponseSchema, reply)).toMatchObject({
      peerId: other,
      summary: 'connected; not a sync source: a ← b',
      connection: {
        yes: true,
        summary: 'it is',
        causes: [{ code: 'PEER.CONNECTED', atMs: 5n, subject: '' }],
      },
      ban: { yes: false, summary: 'a ← b', causes: [{ code: 'A' }, { code: 'B', subject: 's', atMs: 0n }] },
    });
  });
});
