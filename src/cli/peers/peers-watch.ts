import { operatorAddress } from '../../config/operator-address.js';
import {
  type PeerEvent,
  PeerEvent_Type,
  Peers,
  type WatchPeersResponse,
} from '../../gen/edgekeeper/v1/peers_pb.js';
import { type CommandContext, printResult } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, keyValues } from '../output.js';
import { readEvents } from '../read-events.js';
import { inOneLine, momentText } from '../value-texts.js';
import { banJson } from './peers-bans.js';
import { directionText, peerJson } from './peers-details.js';

/** `peers watch`: prints the connected peers, then every event of peers until it is interrupted. */
export async function peersWatch({ io, clock, env }: CommandContext, given: Given): Promise<void> {
  const address = operatorAddress(textOf(given, 'grpc-address'), env);
  const signal = io.interruption();
  await withService(Peers, address, clock, (client) =>
    readEvents(client.watch({}, { signal }), { signal, address }, ({ item }) => {
      const result = itemResult(item);
      if (result !== undefined) printResult(io, given.json !== undefined, result);
    }),
  );
}

/** undefined: of a kind that a later node tells of. */
function itemResult({ case: kind, value }: WatchPeersResponse['item']): CommandResult | undefined {
  switch (kind) {
    case 'snapshot': {
      const ids = value.peers.map(({ id }, at) => [`[${at}]`, id] as const);
      const body = ids.length === 0 ? 'No peers found' : keyValues(ids);
      return { text: `\n[PEERS CONNECTED]\n${body}`, json: { peers: value.peers.map(peerJson) } };
    }
    case 'event':
      return { text: `\n[PEER EVENT]\n${keyValues(eventRows(value))}`, json: { event: eventJson(value) } };
    default:
      return undefined;
  }
}

function eventRows(event: PeerEvent): [string, string][] {
  const { cause, ban, type } = event;
  const rows: [string, string][] = [
    ['Event', typeText(type)],
    ['At', momentText(event.atMs)],
  ];
  if (event.peerId !== '') rows.push(['Peer', event.peerId]);
  if (event.address !== '') rows.push(['Address', inOneLine(event.address)]);
  if (event.direction !== 0) rows.push(['Direction', directionText(event.direction)]);
  if (cause) rows.push(['Cause', `${cause.code}: ${inOneLine(cause.text)}`]);
  if (type === PeerEvent_Type.SCORE_LOWERED) rows.push(['Score', event.score.toFixed(1)]);
  if (event.untilMs > 0n) rows.push(['Until', momentText(event.untilMs)]);
  if (ban) rows.push(['Ban', `${ban.target} by ${inOneLine(ban.by)}: ${inOneLine(ban.reason)}`]);
  if (event.target !== '') rows.push(['Target', event.target]);
  if (type === PeerEvent_Type.PINNED) {
    rows.push(['Trusted', String(event.trusted)], ['Static', String(event.static)]);
  }
  return rows;
}

function eventJson(event: PeerEvent): Record<string, unknown> {
  const { cause, ban, type } = event;
  return {
    type: typeText(type),
    at_ms: event.atMs,
    ...(event.peerId !== '' && { id: event.peerId }),
    ...(event.address !== '' && { address: event.address }),
    ...(event.direction !== 0 && { direction: directionText(event.direction) }),
    ...(cause && { cause: { code: cause.code, text: cause.text } }),
    ...(type === PeerEvent_Type.SCORE_LOWERED && { points: event.points, score: event.score }),
    ...(event.untilMs > 0n && { until_ms: event.untilMs }),
    ...(ban && { ban: banJson(ban) }),
    ...(event.target !== '' && { target: event.target }),
    ...(type === PeerEvent_Type.PINNED && { trusted: event.trusted, static: event.static }),
  };
}

/** `DIAL_FAILED`, or the number of a type that a later node knows. */
function typeText(type: PeerEvent_Type): string {
  return PeerEvent_Type[type] ?? String(type);
}
