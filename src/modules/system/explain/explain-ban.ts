import type { Ban } from '../../network/index.js';
import { type Answer, type Cause, moment, type PeerFacts, reason } from './explanation.js';

/** `by` of the bans that nobody asked for. */
const BY_SCORE = 'score';

/** Whether a ban refuses the peer, and how that came. */
export function explainBan(facts: PeerFacts): Answer {
  const { ban } = facts.details;
  if (ban !== undefined) return { yes: true, causes: [ofBan(ban), ...faults(facts, ban)] };
  const around = facts.standing.addresses.flatMap((address) => (address.ban ? [address.ban] : []));
  const [first] = around;
  // One that still has another address can be reached there.
  const isShut = first !== undefined && around.length === facts.standing.addresses.length;
  if (isShut) return { yes: true, causes: [ofBan(first)] };
  return { yes: false, causes: [reason('PEER.NOT_BANNED', 'it is not banned'), ...around.map(ofBan)] };
}

/** What cost the peer its score, the latest first. */
export function scoreFaults({ details }: PeerFacts): readonly Cause[] {
  return [...details.reasons]
    .reverse()
    .map(({ code, points, atMs }) =>
      reason('PEER.FAULT', `${code} cost it ${points} points at ${moment(atMs)}`, { atMs, subject: code }),
    );
}

/** An operator's ban has the operator's reason; one by score has the faults. */
function faults(facts: PeerFacts, { by }: Ban): readonly Cause[] {
  return by === BY_SCORE ? scoreFaults(facts) : [];
}

function ofBan({ target, sinceMs, untilMs, reason: why, by }: Ban): Cause {
  const what = target.kind === 'peer' ? 'it' : `its network ${target.cidr}`;
  const until = untilMs === undefined ? 'until it is lifted' : `until ${moment(untilMs)}`;
  return {
    code: 'NETWORK.BANNED',
    text: `${what} is banned by ${by} ${until}: ${JSON.stringify(why)}`,
    atMs: sinceMs,
    subject: target.kind === 'peer' ? target.peerId : target.cidr,
  };
}
