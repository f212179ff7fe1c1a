import type { PeerDetails, PeerInfo, PeerStanding } from '../../network/index.js';
import type { SyncPeerView, SyncProgress } from '../../sync/index.js';

/** All that an explanation is made of, gathered at one moment. */
export interface PeerFacts {
  readonly nowMs: number;
  /** undefined: it is not connected. */
  readonly info: PeerInfo | undefined;
  readonly details: PeerDetails;
  readonly standing: PeerStanding;
  readonly view: SyncPeerView;
  readonly progress: Pick<SyncProgress, 'state' | 'peers'>;
  /** Whether an operator wants no peers looked for. */
  readonly isDiscoveryPaused: boolean;
  /** Our own height; -1 while there is no genesis. */
  readonly head: number;
}

/** Reasons that are no errors. Public: operators' programs go by them. */
export type ReasonCode =
  | 'PEER.CONNECTED'
  | 'PEER.IS_SELF'
  | 'PEER.NEVER_HEARD_OF'
  | 'PEER.NOT_CONNECTED'
  | 'PEER.DIALING'
  | 'PEER.QUEUED'
  | 'PEER.BACKOFF'
  | 'PEER.CANDIDATE'
  | 'PEER.NOT_SOUGHT'
  | 'PEER.ADDRESS'
  | 'PEER.NO_ADDRESS'
  | 'PEER.DISCOVERY_PAUSED'
  | 'PEER.NOT_BANNED'
  | 'PEER.FAULT'
  | 'PEER.SOURCE'
  | 'PEER.SYNC_STOPPED'
  | 'PEER.SYNC_PAUSED'
  | 'PEER.SYNC_PAUSED_BY_OPERATOR'
  | 'PEER.SKIPPED'
  | 'PEER.SET_ASIDE'
  | 'PEER.HEIGHT_UNKNOWN'
  | 'PEER.NOT_AHEAD'
  | 'PEER.OTHERS_FIRST'
  | 'PEER.ABOUT_TO_BE_ASKED';

/** One link of the chain: what led to the link before it. */
export interface Cause {
  /** A {@link ReasonCode}, or the code of an error. */
  readonly code: string;
  readonly text: string;
  /** When it happened; undefined where that says nothing. */
  readonly atMs?: number | undefined;
  /** Peer ID, address, CIDR or height; undefined: the peer itself. */
  readonly subject?: string | undefined;
}

export interface Answer {
  readonly yes: boolean;
  readonly causes: readonly Cause[];
}

export interface Explanation {
  /** Whether it is connected. */
  readonly connection: Answer;
  /** Whether it, or where it is, is banned. */
  readonly ban: Answer;
  /** Whether blocks are being read from it. */
  readonly syncSource: Answer;
}

export const reason = (code: ReasonCode, text: string, rest: Omit<Cause, 'code' | 'text'> = {}): Cause => ({
  code,
  text,
  ...rest,
});

/** A moment as people of all time zones read it. */
export const moment = (atMs: number): string => new Date(atMs).toISOString();

/** A span of time, rounded. */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}

/** Causes as one line, each followed by what led to it. */
export function inOneLine({ causes }: Answer): string {
  return causes.map(({ text }) => text).join(' ← ');
}
