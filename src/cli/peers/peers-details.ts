import { Direction, type PeerEntry } from '../../gen/edgekeeper/v1/peers_pb.js';
import { type CommandResult, table } from '../output.js';
import { bytesText, inOneLine, secondsText } from '../value-texts.js';

const HEADINGS = ['ID', 'DIRECTION', 'AGE', 'LATENCY', 'HEIGHT', 'SCORE', 'IN', 'OUT', 'AGENT'];
const NONE = '-';

/** A row for each peer, for `peers list --details`. */
export function peersDetails(peers: readonly PeerEntry[]): CommandResult {
  const body = peers.length === 0 ? 'No peers found' : table([HEADINGS, ...peers.map(row)]);
  return { text: `\n[PEERS LIST]\n${body}\n`, json: { peers: peers.map(peerJson) } };
}

function row(peer: PeerEntry): string[] {
  const { latencyMs, claimedHeight, traffic } = peer;
  return [
    peer.id,
    peer.directions.map(directionText).join('+') || NONE,
    peer.connected ? secondsText(peer.ageMs) : NONE,
    latencyMs === undefined ? NONE : `${latencyMs} ms`,
    claimedHeight?.toString() ?? NONE,
    peer.score === 0 ? '0' : peer.score.toFixed(1),
    traffic ? bytesText(traffic.receivedBytes) : NONE,
    traffic ? bytesText(traffic.sentBytes) : NONE,
    inOneLine(peer.agent) || NONE,
  ];
}

export function directionText(direction: Direction): string {
  return (Direction[direction] ?? String(direction)).toLowerCase();
}

export function peerJson(peer: PeerEntry): Record<string, unknown> {
  const { latencyMs, claimedHeight, traffic, lastError } = peer;
  return {
    id: peer.id,
    connected: peer.connected,
    directions: peer.directions.map(directionText),
    connected_since_ms: peer.connectedSinceMs,
    age_ms: peer.ageMs,
    ...(latencyMs !== undefined && { latency_ms: latencyMs }),
    ...(claimedHeight !== undefined && { claimed_height: claimedHeight }),
    agent: peer.agent,
    score: peer.score,
    score_reasons: peer.scoreReasons.map(({ code, points, atMs }) => ({ code, points, at_ms: atMs })),
    protocols: peer.protocols,
    addresses: peer.addresses,
    ...(traffic && { received_bytes: traffic.receivedBytes, sent_bytes: traffic.sentBytes }),
    ...(lastError && {
      last_error: { code: lastError.code, text: lastError.text, at_ms: lastError.atMs },
    }),
    trusted: peer.trusted,
    static: peer.static,
    ...(peer.quarantinedUntilMs > 0n && { quarantined_until_ms: peer.quarantinedUntilMs }),
  };
}
