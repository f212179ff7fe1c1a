import type { MessageInitShape } from '@bufbuild/protobuf';
import { assertNever } from '../../common/app-error.js';
import {
  type AddPeerResponse_Stage,
  type AddPeerResponseSchema,
  type AuditResponse_EntrySchema,
  type BanSchema,
  PeerEvent_Type as EventType,
  type ExplainPeerResponse_AnswerSchema,
  type ExplainPeerResponseSchema,
  type PeerEntrySchema,
  type PeerEventSchema,
  Direction as ProtoDirection,
  type ReasonSchema,
  AddPeerResponse_Stage as Stage,
  AddPeerResponse_Step as Step,
} from '../../gen/edgekeeper/v1/peers_pb.js';
import type {
  AddProgress,
  AuditEntry,
  Ban,
  BanTarget,
  Direction,
  NetworkError,
  PeerDetails,
  PeerEvent,
  PeerInfo,
  PeerStanding,
} from '../network/index.js';
import { summaryOf } from './explain/explain-peer.js';
import { type Answer, type Explanation, inOneLine } from './explain/explanation.js';

/** What an entry of the list is made of. */
export interface PeerEntryFacts {
  readonly nowMs: number;
  /** undefined: it is not connected. */
  readonly info: PeerInfo | undefined;
  readonly details: PeerDetails;
  readonly standing: Pick<PeerStanding, 'addresses'>;
  readonly claimedHeight: number | undefined;
}

export type PeerEventInit = MessageInitShape<typeof PeerEventSchema>;

const DIRECTIONS: Readonly<Record<Direction, ProtoDirection>> = {
  inbound: ProtoDirection.INBOUND,
  outbound: ProtoDirection.OUTBOUND,
};

const ms = (atMs: number | undefined): bigint => BigInt(Math.trunc(atMs ?? 0));

export function toPeerEntry({
  nowMs,
  info,
  details,
  standing,
  claimedHeight,
}: PeerEntryFacts): MessageInitShape<typeof PeerEntrySchema> {
  const { lastMishap, traffic, latencyMs, ban } = details;
  const told = details.addresses;
  return {
    id: details.peerId,
    connected: info !== undefined,
    ...(info && {
      directions: info.directions.map((direction) => DIRECTIONS[direction]),
      connectedSinceMs: ms(info.connectedAtMs),
      ageMs: ms(Math.max(0, nowMs - info.connectedAtMs)),
    }),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(claimedHeight !== undefined && { claimedHeight: BigInt(claimedHeight) }),
    agent: details.agent ?? '',
    score: details.score,
    scoreReasons: details.reasons.map(({ code, points, atMs }) => ({ code, points, atMs: ms(atMs) })),
    protocols: [...details.protocols],
    addresses: told.length > 0 ? [...told] : standing.addresses.map(({ transport }) => transport),
    ...(traffic && {
      traffic: { receivedBytes: BigInt(traffic.receivedBytes), sentBytes: BigInt(traffic.sentBytes) },
    }),
    ...(lastMishap && { lastError: toReason(lastMishap.error, lastMishap.atMs) }),
    trusted: details.isTrusted,
    static: details.isStatic,
    ...(ban && { ban: toBan(ban) }),
    quarantinedUntilMs: ms(details.quarantinedUntilMs),
  };
}

function toReason(error: NetworkError, atMs: number): MessageInitShape<typeof ReasonSchema> {
  return { code: error.code, text: error.message, atMs: ms(atMs) };
}

export function toBan({ target, sinceMs, untilMs, reason, by }: Ban): MessageInitShape<typeof BanSchema> {
  return { target: targetText(target), sinceMs: ms(sinceMs), untilMs: ms(untilMs), reason, by };
}

function targetText(target: BanTarget): string {
  return target.kind === 'peer' ? target.peerId : target.cidr;
}

export function toAuditEntry({
  atMs,
  ...entry
}: AuditEntry): MessageInitShape<typeof AuditResponse_EntrySchema> {
  return { atMs: ms(atMs), ...entry };
}

const STAGES: Readonly<Record<AddProgress['stage'], AddPeerResponse_Stage>> = {
  queued: Stage.QUEUED,
  dialing: Stage.DIALING,
  handshake: Stage.HANDSHAKE,
  connected: Stage.CONNECTED,
  failed: Stage.FAILED,
};

const STEPS = { queue: Step.QUEUE, dial: Step.DIAL, handshake: Step.HANDSHAKE } as const;

/** @param timedOut the caller waited for more */
export function toAddResponse(
  progress: AddProgress,
  nowMs: number,
  timedOut: boolean,
): MessageInitShape<typeof AddPeerResponseSchema> {
  return {
    stage: STAGES[progress.stage],
    timedOut,
    ...(progress.stage === 'failed' && {
      failedAt: STEPS[progress.at],
      reason: toReason(progress.error, nowMs),
    }),
  };
}

export function toPeerEvent(event: PeerEvent): PeerEventInit {
  const atMs = ms(event.atMs);
  switch (event.type) {
    case 'peer:dial-queued':
      return { type: EventType.DIAL_QUEUED, atMs, ...toPlace(event.address) };
    case 'peer:dial-started':
      return { type: EventType.DIAL_STARTED, atMs, ...toPlace(event.address) };
    case 'peer:dial-failed':
      return { type: EventType.DIAL_FAILED, atMs, peerId: event.peerId, cause: causeOf(event) };
    case 'peer:handshake-failed': {
      const direction = DIRECTIONS[event.direction];
      return {
        type: EventType.HANDSHAKE_FAILED,
        atMs,
        peerId: event.peerId,
        direction,
        cause: causeOf(event),
      };
    }
    case 'peer:connected':
      return {
        type: EventType.CONNECTED,
        atMs,
        peerId: event.peerId,
        direction: DIRECTIONS[event.direction],
      };
    case 'peer:disconnected': {
      const cause = toReason(event.cause, event.atMs);
      return { type: EventType.DISCONNECTED, atMs, peerId: event.peerId, cause };
    }
    case 'peer:score-lowered': {
      const { peerId, points, score } = event;
      return { type: EventType.SCORE_LOWERED, atMs, peerId, points, score, cause: causeOf(event) };
    }
    case 'peer:quarantined': {
      const untilMs = ms(event.untilMs);
      return { type: EventType.QUARANTINED, atMs, peerId: event.peerId, untilMs, cause: causeOf(event) };
    }
    case 'peer:banned':
      return { type: EventType.BANNED, atMs, peerId: peerOf(event.ban.target), ban: toBan(event.ban) };
    case 'peer:unbanned': {
      const { target } = event;
      return { type: EventType.UNBANNED, atMs, peerId: peerOf(target), target: targetText(target) };
    }
    case 'peer:pinned': {
      const { peerId, isTrusted: trusted, isStatic } = event;
      return { type: EventType.PINNED, atMs, peerId, trusted, static: isStatic };
    }
    default:
      return assertNever(event);
  }
}

function toPlace({ peerId, transport }: { peerId: string; transport: string }) {
  return { peerId, address: transport };
}

function causeOf({ error, atMs }: { error: NetworkError; atMs: number }) {
  return toReason(error, atMs);
}

function peerOf(target: BanTarget): string {
  return target.kind === 'peer' ? target.peerId : '';
}

export function toExplanation(
  peerId: string,
  explanation: Explanation,
): MessageInitShape<typeof ExplainPeerResponseSchema> {
  return {
    peerId,
    summary: summaryOf(explanation),
    connection: toAnswer(explanation.connection),
    ban: toAnswer(explanation.ban),
    syncSource: toAnswer(explanation.syncSource),
  };
}

function toAnswer(answer: Answer): MessageInitShape<typeof ExplainPeerResponse_AnswerSchema> {
  return {
    yes: answer.yes,
    summary: inOneLine(answer),
    causes: answer.causes.map(({ code, text, atMs, subject = '' }) => ({
      code,
      text,
      atMs: ms(atMs),
      subject,
    })),
  };
}
