import type { PeerMishap } from '../../network/index.js';
import { explainBan, scoreFaults } from './explain-ban.js';
import { type Answer, type Cause, moment, type PeerFacts, reason, span } from './explanation.js';

/** Whether the peer is connected; if not, what stands between, the nearest first. */
export function explainConnection(facts: PeerFacts): Answer {
  if (facts.info !== undefined) return { yes: true, causes: connected(facts) };
  return { yes: false, causes: causesOfAbsence(facts) };
}

function connected({ info, details, nowMs }: PeerFacts): readonly Cause[] {
  if (info === undefined) return [];
  const { directions, connectedAtMs } = info;
  const how = directions.join(' and ');
  const which = details.isTrusted ? ', trusted' : details.isStatic ? ', static' : '';
  const text = `it is connected (${how}${which}) for ${span(nowMs - connectedAtMs)}`;
  return [reason('PEER.CONNECTED', text, { atMs: connectedAtMs })];
}

function causesOfAbsence(facts: PeerFacts): readonly Cause[] {
  const { standing } = facts;
  if (standing.isSelf) return [reason('PEER.IS_SELF', 'it is this node')];
  const refusal = refusalOf(facts);
  if (refusal !== undefined) return refusal;
  if (standing.dial === 'dialing') return [reason('PEER.DIALING', 'it is being dialed'), ...tried(facts)];
  if (standing.dial === 'queued') {
    return [reason('PEER.QUEUED', 'its dial waits in the queue'), ...noSlot(facts), ...tried(facts)];
  }
  if (isUnheardOf(facts)) {
    return [reason('PEER.NEVER_HEARD_OF', 'nobody told of it, and it never came'), ...noDiscovery(facts)];
  }
  return [...lastTry(facts), ...nextTry(facts), ...where(facts)];
}

/** What keeps it out, whoever would dial. */
function refusalOf(facts: PeerFacts): readonly Cause[] | undefined {
  const { details, standing } = facts;
  const ban = explainBan(facts);
  if (ban.yes) return ban.causes;
  const untilMs = details.quarantinedUntilMs;
  if (untilMs !== undefined && !standing.isNamed) {
    const text = `it is left alone until ${moment(untilMs)}, as peers of other chains are`;
    return [{ code: 'NETWORK.QUARANTINED', text, atMs: undefined }, ...tried(facts)];
  }
  if (!standing.isScoreTooLow) return undefined;
  const text = `its score of ${details.score.toFixed(1)} is too low; it fades with time`;
  return [{ code: 'NETWORK.SCORE_TOO_LOW', text }, ...scoreFaults(facts)];
}

function isUnheardOf({ standing, details }: PeerFacts): boolean {
  const { addresses, seenAtMs, isNamed, failures } = standing;
  const isHeardOf = addresses.length > 0 || seenAtMs !== undefined || isNamed || failures > 0;
  return !isHeardOf && details.lastMishap === undefined;
}

const STEPS: Readonly<Record<PeerMishap['kind'], string>> = {
  dial: 'the last dial failed',
  handshake: 'the last handshake failed',
  disconnect: 'the connection was closed',
  conduct: 'it misbehaved',
  quarantine: 'the last handshake failed',
};

/** How the last try ended. */
function tried({ details, standing }: PeerFacts): readonly Cause[] {
  const { lastMishap } = details;
  if (lastMishap === undefined) return [];
  const { kind, error, atMs } = lastMishap;
  const { failures } = standing;
  const count = failures > 1 ? `, ${failures} failures in a row` : '';
  return [{ code: error.code, text: `${STEPS[kind]} at ${moment(atMs)}${count}: ${error.message}`, atMs }];
}

/** With what follows where that is the end of it. */
function lastTry(facts: PeerFacts): readonly Cause[] {
  const { addresses, isNamed } = facts.standing;
  if (addresses.length > 0 || isNamed) return tried(facts);
  return tried(facts).map((cause) => ({
    ...cause,
    text: `${cause.text}; it is not dialed again, as no address of it is kept`,
  }));
}

/** What a next dial waits for. */
function nextTry(facts: PeerFacts): readonly Cause[] {
  const { retryInMs, isNamed, isCandidate, addresses } = facts.standing;
  if (addresses.length === 0 && !isNamed) return [];
  if (retryInMs > 0) {
    const atMs = facts.nowMs + retryInMs;
    return [reason('PEER.BACKOFF', `it is not dialed again before ${span(retryInMs)} have passed`, { atMs })];
  }
  const full = noSlot(facts);
  if (full.length > 0) return full;
  if (isNamed) return [reason('PEER.QUEUED', 'it is dialed within seconds')];
  if (isCandidate) return [reason('PEER.CANDIDATE', 'it waits for its turn among those that were told of')];
  return [
    reason('PEER.NOT_SOUGHT', 'nobody asks for it: it is neither static, a bootnode nor told of'),
    ...noDiscovery(facts),
  ];
}

/** Why nobody tells of it. */
function noDiscovery({ isDiscoveryPaused }: PeerFacts): readonly Cause[] {
  if (!isDiscoveryPaused) return [];
  return [reason('PEER.DISCOVERY_PAUSED', 'nobody is asked for peers: an operator paused discovery')];
}

function noSlot({ standing: { slots, isNamed } }: PeerFacts): readonly Cause[] {
  const { taken, limit } = slots.outbound;
  if (taken < limit || isNamed) return [];
  return [{ code: 'NETWORK.NO_FREE_SLOT', text: `no outbound slot is free (${taken} of ${limit} taken)` }];
}

function where(facts: PeerFacts): readonly Cause[] {
  const { addresses } = facts.standing;
  if (addresses.length === 0) {
    // That none is known now has brought about nothing that happened before.
    if (facts.details.lastMishap !== undefined) return noDiscovery(facts);
    return [reason('PEER.NO_ADDRESS', 'no address of it is known'), ...noDiscovery(facts)];
  }
  const isOnly = addresses.length === 1;
  return addresses.map(({ transport, failures, reachedAtMs }) => {
    const reached = reachedAtMs === undefined ? 'never reached' : `last reached at ${moment(reachedAtMs)}`;
    const failed = failures === 0 ? '' : `, failed ${failures} times since`;
    const text = `${isOnly ? 'its only address' : 'an address'} is ${transport}, ${reached}${failed}`;
    return reason('PEER.ADDRESS', text, { atMs: reachedAtMs, subject: transport });
  });
}
