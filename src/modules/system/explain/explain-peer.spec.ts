import { describe, expect, it } from '@jest/globals';
import { anUnknown, aStranger } from '../../../../test/support/fake-network.js';
import { other } from '../../../../test/support/system-under-test.js';
import { NetworkError, type PeerDetails, type PeerStanding } from '../../network/index.js';
import type { SyncPeerView } from '../../sync/index.js';
import { explainPeer, summaryOf } from './explain-peer.js';
import { type PeerFacts, span } from './explanation.js';

const NOW_MS = Date.UTC(2026, 0, 2);
const EARLIER_MS = NOW_MS - 60_000;

const somewhere = { transport: '/ip4/10.0.0.1/tcp/1478', failures: 3, ban: undefined };
const dialFailed = {
  kind: 'dial' as const,
  error: new NetworkError({ code: 'NETWORK.DIAL_FAILED', peerId: other, reason: 'connection refused' }),
  atMs: EARLIER_MS,
};
const otherChain = {
  kind: 'quarantine' as const,
  error: new NetworkError({ code: 'NETWORK.CHAIN_MISMATCH', peerId: other, ours: 1, theirs: '2' }),
  atMs: EARLIER_MS,
};
const aBan = (by: string, untilMs?: number) => ({
  target: { kind: 'peer' as const, peerId: other },
  sinceMs: EARLIER_MS,
  untilMs,
  reason: 'spam',
  by,
});
const networkBan = { ...aBan('ops'), target: { kind: 'network' as const, cidr: '10.0.0.0/8' } };
const full = { inbound: { taken: 32, limit: 32 }, outbound: { taken: 8, limit: 8 } };

interface Given {
  readonly connected?: boolean;
  readonly details?: Partial<PeerDetails>;
  readonly standing?: Partial<PeerStanding>;
  readonly view?: Partial<SyncPeerView>;
  readonly progress?: PeerFacts['progress'];
  readonly isDiscoveryPaused?: boolean;
  readonly head?: number;
}

const unasked: SyncPeerView = {
  claimedHeight: undefined,
  isSource: false,
  isSetAside: false,
  skippedMs: 0,
  lastFault: undefined,
  betterPeers: 0,
  pausedMs: 0,
};

const facts = ({ connected, details, standing, view, progress, head = 100, ...rest }: Given): PeerFacts => ({
  nowMs: NOW_MS,
  info: connected ? { peerId: other, directions: ['inbound'], connectedAtMs: EARLIER_MS } : undefined,
  details: { ...aStranger(other), ...details },
  standing: { ...anUnknown, ...standing },
  view: { ...unasked, ...view },
  progress: progress ?? { state: 'idle', peers: 0 },
  isDiscoveryPaused: rest.isDiscoveryPaused ?? false,
  head,
});

const codes = ({ causes }: { causes: readonly { code: string }[] }) => causes.map(({ code }) => code);

describe('why a peer is not connected', () => {
  it.each<{ name: string; given: Given; expect: readonly string[] }>([
    { name: 'it is', given: { connected: true }, expect: ['PEER.CONNECTED'] },
    { name: 'this node', given: { standing: { isSelf: true } }, expect: ['PEER.IS_SELF'] },
    { name: 'never heard of', given: {}, expect: ['PEER.NEVER_HEARD_OF'] },
    {
      name: 'banned by an operator',
      given: { details: { ban: aBan('ops'), reasons: [{ code: 'X', points: 1, atMs: 1 }] } },
      expect: ['NETWORK.BANNED'],
    },
    {
      name: 'banned for its score, the latest fault first',
      given: {
        details: {
          ban: aBan('score', NOW_MS),
          reasons: ['A', 'B'].map((code, at) => ({ code, points: 30, atMs: at })),
        },
      },
      expect: ['NETWORK.BANNED', 'PEER.FAULT', 'PEER.FAULT'],
    },
    {
      name: 'in a banned network, and nowhere else',
      given: { standing: { addresses: [{ ...somewhere, ban: networkBan }] } },
      expect: ['NETWORK.BANNED'],
    },
    {
      name: 'elsewhere too, so the ban of one network does not keep it away',
      given: { standing: { addresses: [{ ...somewhere, ban: networkBan }, somewhere], isCandidate: true } },
      expect: ['PEER.CANDIDATE', 'PEER.ADDRESS', 'PEER.ADDRESS'],
    },
    {
      name: 'on another chain',
      given: { details: { quarantinedUntilMs: NOW_MS + 1, lastMishap: otherChain } },
      expect: ['NETWORK.QUARANTINED', 'NETWORK.CHAIN_MISMATCH'],
    },
    {
      name: 'on another chain but named: it is dialed all the same',
      given: {
        details: { quarantinedUntilMs: NOW_MS + 1, lastMishap: otherChain },
        standing: { isNamed: true, retryInMs: 4_000, addresses: [somewhere] },
      },
      expect: ['NETWORK.CHAIN_MISMATCH', 'PEER.BACKOFF', 'PEER.ADDRESS'],
    },
    {
      name: 'of too low a score',
      given: {
        details: { score: -30, reasons: [{ code: 'SYNC.BAD_BLOCK', points: 20, atMs: 1 }] },
        standing: { isScoreTooLow: true },
      },
      expect: ['NETWORK.SCORE_TOO_LOW', 'PEER.FAULT'],
    },
    {
      name: 'being dialed',
      given: { standing: { dial: 'dialing' }, details: { lastMishap: dialFailed } },
      expect: ['PEER.DIALING', 'NETWORK.DIAL_FAILED'],
    },
    {
      name: 'queued, and all slots are taken',
      given: { standing: { dial: 'queued', slots: full } },
      expect: ['PEER.QUEUED', 'NETWORK.NO_FREE_SLOT'],
    },
    {
      name: 'not reached, and waited for',
      given: {
        details: { lastMishap: dialFailed },
        standing: { failures: 3, retryInMs: 40_000, addresses: [somewhere] },
      },
      expect: ['NETWORK.DIAL_FAILED', 'PEER.BACKOFF', 'PEER.ADDRESS'],
    },
    {
      name: 'known, and there is no slot',
      given: { standing: { addresses: [somewhere], slots: full } },
      expect: ['NETWORK.NO_FREE_SLOT', 'PEER.ADDRESS'],
    },
    {
      name: 'named, and about to be dialed, by a reserved slot',
      given: { standing: { addresses: [somewhere], isNamed: true, slots: full } },
      expect: ['PEER.QUEUED', 'PEER.ADDRESS'],
    },
    {
      name: 'known, and nobody asks for it',
      given: { standing: { addresses: [somewhere], seenAtMs: 1 } },
      expect: ['PEER.NOT_SOUGHT', 'PEER.ADDRESS'],
    },
    {
      name: 'gone, and nobody knows where',
      given: { standing: { seenAtMs: 1 } },
      expect: ['PEER.NO_ADDRESS'],
    },
    {
      name: 'not reached where an operator said, which nobody keeps',
      given: { details: { lastMishap: dialFailed }, standing: { failures: 1, retryInMs: 1_000 } },
      expect: ['NETWORK.DIAL_FAILED'],
    },
    {
      name: 'not reached, no address of it is kept, and nobody is asked for one',
      given: { details: { lastMishap: dialFailed }, standing: { failures: 1 }, isDiscoveryPaused: true },
      expect: ['NETWORK.DIAL_FAILED', 'PEER.DISCOVERY_PAUSED'],
    },
    {
      name: 'never heard of, and nobody is asked',
      given: { isDiscoveryPaused: true },
      expect: ['PEER.NEVER_HEARD_OF', 'PEER.DISCOVERY_PAUSED'],
    },
    {
      name: 'gone, and nobody is asked where',
      given: { standing: { seenAtMs: 1 }, isDiscoveryPaused: true },
      expect: ['PEER.NO_ADDRESS', 'PEER.DISCOVERY_PAUSED'],
    },
    {
      name: 'known, and nobody asks for it as nobody is asked',
      given: { standing: { addresses: [somewhere], seenAtMs: 1 }, isDiscoveryPaused: true },
      expect: ['PEER.NOT_SOUGHT', 'PEER.DISCOVERY_PAUSED', 'PEER.ADDRESS'],
    },
    {
      name: 'told of, and dialed whether others are looked for or not',
      given: { standing: { addresses: [somewhere], isCandidate: true }, isDiscoveryPaused: true },
      expect: ['PEER.CANDIDATE', 'PEER.ADDRESS'],
    },
  ])('$name', ({ given, expect: expected }) => {
    const explained = explainPeer(facts(given));
    expect(codes(explained.connection)).toEqual(expected);
    expect(explained.connection.yes).toBe(given.connected === true);
  });

  it('says it in one line', () => {
    const given = {
      details: { lastMishap: dialFailed },
      standing: { failures: 3, retryInMs: 40_000, addresses: [somewhere] },
    };
    expect(summaryOf(explainPeer(facts(given)))).toBe(
      `not connected: the last dial failed at 2026-01-01T23:59:00.000Z, 3 failures in a row: cannot dial ${other}: ` +
        'connection refused ← it is not dialed again before 40 s have passed ← ' +
        'its only address is /ip4/10.0.0.1/tcp/1478, never reached, failed 3 times since',
    );
    const forgotten = { details: { lastMishap: dialFailed }, standing: { failures: 1 } };
    expect(summaryOf(explainPeer(facts(forgotten)))).toBe(
      `not connected: the last dial failed at 2026-01-01T23:59:00.000Z: cannot dial ${other}: connection refused; ` +
        'it is not dialed again, as no address of it is kept',
    );
    expect(summaryOf(explainPeer(facts({ details: { ban: aBan('ops', NOW_MS) } })))).toBe(
      'not connected: it is banned by ops until 2026-01-02T00:00:00.000Z: "spam"',
    );
  });
});

describe('whether a peer is banned', () => {
  it.each<{ name: string; given: Given; yes: boolean; expect: readonly string[] }>([
    { name: 'no', given: {}, yes: false, expect: ['PEER.NOT_BANNED'] },
    { name: 'by its ID', given: { details: { ban: aBan('ops') } }, yes: true, expect: ['NETWORK.BANNED'] },
    {
      name: 'by all of its addresses',
      given: { standing: { addresses: [{ ...somewhere, ban: networkBan }] } },
      yes: true,
      expect: ['NETWORK.BANNED'],
    },
    {
      name: 'by one of them only',
      given: { standing: { addresses: [{ ...somewhere, ban: networkBan }, somewhere] } },
      yes: false,
      expect: ['PEER.NOT_BANNED', 'NETWORK.BANNED'],
    },
  ])('$name', ({ given, yes, expect: expected }) => {
    const { ban } = explainPeer(facts(given));
    expect(ban.yes).toBe(yes);
    expect(codes(ban)).toEqual(expected);
  });
});

describe('why a peer is not a sync source', () => {
  const lastFault = { code: 'SYNC.BAD_BLOCK', message: 'bad', atMs: 1 };
  const ahead = { claimedHeight: 200 };

  it.each<{ name: string; given: Given; expect: readonly string[] }>([
    {
      name: 'it is',
      given: { connected: true, view: { ...ahead, isSource: true } },
      expect: ['PEER.SOURCE'],
    },
    { name: 'this node', given: { standing: { isSelf: true } }, expect: ['PEER.IS_SELF'] },
    {
      name: 'not connected',
      given: { view: { lastFault } },
      expect: ['PEER.NOT_CONNECTED', 'SYNC.BAD_BLOCK'],
    },
    {
      name: 'sync is stopped',
      given: { connected: true, progress: { state: 'stopped', peers: 0 } },
      expect: ['PEER.SYNC_STOPPED'],
    },
    {
      name: 'an operator paused sync',
      given: { connected: true, view: ahead, progress: { state: 'paused', peers: 0 } },
      expect: ['PEER.SYNC_PAUSED_BY_OPERATOR'],
    },
    {
      name: 'our store failed',
      given: { connected: true, view: { ...ahead, pausedMs: 1 } },
      expect: ['PEER.SYNC_PAUSED'],
    },
    {
      name: 'it failed verification',
      given: { connected: true, view: { ...ahead, skippedMs: 5_000, lastFault } },
      expect: ['PEER.SKIPPED', 'SYNC.BAD_BLOCK'],
    },
    {
      name: 'set aside',
      given: { connected: true, view: { ...ahead, isSetAside: true } },
      expect: ['PEER.SET_ASIDE'],
    },
    { name: 'no claim', given: { connected: true }, expect: ['PEER.HEIGHT_UNKNOWN'] },
    { name: 'below us', given: { connected: true, view: { claimedHeight: 99 } }, expect: ['PEER.NOT_AHEAD'] },
    {
      name: 'as high as we',
      given: { connected: true, view: { claimedHeight: 100 } },
      expect: ['PEER.NOT_AHEAD'],
    },
    {
      name: 'others are read from',
      given: {
        connected: true,
        view: { ...ahead, betterPeers: 2 },
        progress: { state: 'syncing', peers: 3 },
      },
      expect: ['PEER.OTHERS_FIRST'],
    },
    { name: 'next', given: { connected: true, view: ahead }, expect: ['PEER.ABOUT_TO_BE_ASKED'] },
  ])('$name', ({ given, expect: expected }) => {
    const { syncSource } = explainPeer(facts(given));
    expect(codes(syncSource)).toEqual(expected);
    expect(syncSource.yes).toBe(given.view?.isSource === true);
  });

  it('says it in one line', () => {
    const { ...given } = { connected: true, view: { claimedHeight: 99 } };
    expect(summaryOf(explainPeer(facts(given)))).toBe(
      'connected; not a sync source: its height 99 is below ours, 100',
    );
    expect(summaryOf(explainPeer(facts({ connected: true, view: { ...ahead, isSource: true } })))).toBe(
      'connected; a sync source',
    );
  });
});

describe(span.name, () => {
  it.each([
    [400, '0 s'],
    [119_000, '119 s'],
    [600_000, '10 min'],
    [7_200_000, '2 h'],
  ])('%d ms are %s', (ms, text) => expect(span(ms)).toBe(text));
});
