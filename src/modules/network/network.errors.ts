import { AppError, assertNever } from '../../common/app-error.js';

export type NetworkErrorDetail =
  | { code: 'NETWORK.LISTEN_FAILED'; address: string; reason: string }
  | { code: 'NETWORK.BAD_ADDRESS'; address: string; reason: string }
  | { code: 'NETWORK.BAD_PEER_ID'; peerId: string; reason: string }
  | { code: 'NETWORK.DIAL_FAILED'; peerId: string; reason: string }
  | { code: 'NETWORK.DIAL_TIMEOUT'; peerId: string; timeoutMs: number }
  | { code: 'NETWORK.NOT_CONNECTED'; peerId: string }
  | { code: 'NETWORK.PROTOCOL_UNSUPPORTED'; peerId: string; protocol: string }
  | { code: 'NETWORK.STREAM_FAILED'; peerId: string; protocol: string; reason: string }
  | { code: 'NETWORK.RPC_FAILED'; peerId: string; path: string; status: number; details: string }
  | { code: 'NETWORK.RPC_TIMEOUT'; peerId: string; path: string; timeoutMs: number }
  | { code: 'NETWORK.BAD_MESSAGE'; peerId: string; path: string; reason: string }
  | { code: 'NETWORK.MESSAGE_TOO_LARGE'; peerId: string; path: string; maxBytes: number }
  | { code: 'NETWORK.PUBLISH_FAILED'; topic: string; reason: string }
  | { code: 'NETWORK.CHAIN_MISMATCH'; peerId: string; ours: number; theirs: string }
  | { code: 'NETWORK.NO_FREE_SLOT'; peerId: string; direction: string }
  | { code: 'NETWORK.CLAIMED_PEER_ID'; peerId: string; claimed: string }
  | { code: 'NETWORK.CONNECTION_CLOSED'; peerId: string }
  | { code: 'NETWORK.TEMPORARY_DIAL_DONE'; peerId: string }
  | { code: 'NETWORK.BAD_REQUEST'; field: string; reason: string }
  | {
      code: 'NETWORK.REPORTED_BY_CONSUMER';
      peerId: string;
      fault: string;
      reason: string;
      severity: 'lower' | 'drop';
    }
  | { code: 'NETWORK.SETUP_INVALID'; reason: string }
  | { code: 'NETWORK.BANNED'; target: string; reason: string }
  | { code: 'NETWORK.BAD_BAN_TARGET'; target: string; reason: string }
  | { code: 'NETWORK.QUARANTINED'; peerId: string; untilMs: number }
  | { code: 'NETWORK.SCORE_TOO_LOW'; peerId: string; score: number }
  | { code: 'NETWORK.EVICTED'; peerId: string; reason: string }
  | { code: 'NETWORK.REMOVED_BY_OPERATOR'; peerId: string }
  | { code: 'NETWORK.PINNED'; peerId: string }
  | { code: 'NETWORK.REDUNDANT_CONNECTION'; peerId: string }
  | { code: 'NETWORK.QUEUE_FULL'; peerId: string }
  | { code: 'NETWORK.ADDRESS_REFUSED'; address: string; reason: string }
  | { code: 'NETWORK.LIMIT_REACHED'; peerId: string; resource: string; scope: string; limit: number }
  | { code: 'NETWORK.RATE_LIMITED'; peerId: string; path: string }
  | { code: 'NETWORK.GOSSIP_ABUSE'; peerId: string; reason: string }
  | { code: 'NETWORK.STORE_FAILED'; reason: string }
  | { code: 'NETWORK.STORE_LOCKED'; path: string }
  | { code: 'NETWORK.CANCELLED' };

/** Everything the network layer can fail with. */
export class NetworkError extends AppError<NetworkErrorDetail> {
  constructor(detail: NetworkErrorDetail, cause?: unknown) {
    super(detail, messageOf(detail), cause);
  }
}

function messageOf(detail: NetworkErrorDetail): string {
  switch (detail.code) {
    case 'NETWORK.LISTEN_FAILED':
      return `cannot listen on ${detail.address} (--libp2p): ${detail.reason}`;
    case 'NETWORK.BAD_ADDRESS':
    case 'NETWORK.BAD_PEER_ID':
    case 'NETWORK.SETUP_INVALID':
      return detail.reason;
    case 'NETWORK.DIAL_FAILED':
      return `cannot dial ${detail.peerId}: ${detail.reason}`;
    case 'NETWORK.DIAL_TIMEOUT':
      return `dialing ${detail.peerId} took more than ${detail.timeoutMs} ms`;
    case 'NETWORK.NOT_CONNECTED':
      return `not connected to ${detail.peerId}`;
    case 'NETWORK.PROTOCOL_UNSUPPORTED':
      return `${detail.peerId} does not speak ${detail.protocol}`;
    case 'NETWORK.STREAM_FAILED':
      return `cannot open ${detail.protocol} to ${detail.peerId}: ${detail.reason}`;
    case 'NETWORK.RPC_FAILED':
      return `${detail.path} of ${detail.peerId} failed with status ${detail.status}: ${detail.details}`;
    case 'NETWORK.RPC_TIMEOUT':
      return `${detail.path} of ${detail.peerId} did not answer within ${detail.timeoutMs} ms`;
    case 'NETWORK.BAD_MESSAGE':
      return `${detail.path} of ${detail.peerId} sent an undecodable message: ${detail.reason}`;
    case 'NETWORK.MESSAGE_TOO_LARGE':
      return `${detail.path} of ${detail.peerId} sent a message over ${detail.maxBytes} bytes`;
    case 'NETWORK.PUBLISH_FAILED':
      return `cannot publish on ${detail.topic}: ${detail.reason}`;
    case 'NETWORK.CHAIN_MISMATCH':
      return `${detail.peerId} is on chain ${detail.theirs}, not ${detail.ours}`;
    case 'NETWORK.NO_FREE_SLOT':
      return `no free ${detail.direction} slot for ${detail.peerId}`;
    case 'NETWORK.CLAIMED_PEER_ID':
      return `${detail.peerId} claims to be ${detail.claimed}`;
    case 'NETWORK.CONNECTION_CLOSED':
      return `connection to ${detail.peerId} closed`;
    case 'NETWORK.TEMPORARY_DIAL_DONE':
      return `temporary dial of ${detail.peerId} is done`;
    case 'NETWORK.BAD_REQUEST':
      return `request validation failed: ${detail.reason}`;
    case 'NETWORK.REPORTED_BY_CONSUMER':
      return `${detail.peerId}: ${detail.reason}`;
    case 'NETWORK.BANNED':
      return `${detail.target} is banned: ${detail.reason}`;
    case 'NETWORK.BAD_BAN_TARGET':
      return `${JSON.stringify(detail.target)} cannot be banned: ${detail.reason}`;
    case 'NETWORK.QUARANTINED':
      return `${detail.peerId} is quarantined until ${new Date(detail.untilMs).toISOString()}`;
    case 'NETWORK.SCORE_TOO_LOW':
      return `${detail.peerId} has a score of ${detail.score.toFixed(1)}`;
    case 'NETWORK.EVICTED':
      return `${detail.peerId} gave its slot to another: ${detail.reason}`;
    case 'NETWORK.REMOVED_BY_OPERATOR':
      return `${detail.peerId} was removed by an operator`;
    case 'NETWORK.PINNED':
      return `${detail.peerId} is a static peer: Pin with revoke ends that, then it can be removed`;
    case 'NETWORK.REDUNDANT_CONNECTION':
      return `there is another connection to ${detail.peerId}`;
    case 'NETWORK.QUEUE_FULL':
      return `the dial queue is full, so ${detail.peerId} is not dialed`;
    case 'NETWORK.ADDRESS_REFUSED':
      return `${detail.address} is not dialed: ${detail.reason}`;
    case 'NETWORK.LIMIT_REACHED':
      return `${detail.peerId}: ${detail.resource} at the limit of ${detail.limit} (${detail.scope})`;
    case 'NETWORK.RATE_LIMITED':
      return `${detail.peerId} calls ${detail.path} too often`;
    case 'NETWORK.GOSSIP_ABUSE':
      return `${detail.peerId} abuses gossip: ${detail.reason}`;
    case 'NETWORK.STORE_FAILED':
      return `the peer store failed: ${detail.reason}`;
    case 'NETWORK.STORE_LOCKED':
      return `data folder ${detail.path} is in use by another node`;
    case 'NETWORK.CANCELLED':
      return 'cancelled';
    default:
      return assertNever(detail);
  }
}

/**
 * What follows for the peer: nothing; another try later; a lower score; its connections are closed and the score falls;
 * it is banned for `BAN_MS`.
 */
export type PeerAction = 'none' | 'retry' | 'lower' | 'drop' | 'ban';

export interface Consequence {
  readonly action: PeerAction;
  /** Taken off the score. A score halves every ten minutes; see `conduct/`. */
  readonly points: number;
}

const none = { action: 'none', points: 0 } as const;
const retry = { action: 'retry', points: 0 } as const;
const part = { action: 'drop', points: 0 } as const;
const lower = (points: number) => ({ action: 'lower', points }) as const;
const drop = (points: number) => ({ action: 'drop', points }) as const;

/** The one table from a failure to its consequence for the peer. Trusted peers only feel `none`, `retry` and the closing of a connection. */
export function consequenceOf({ detail }: NetworkError): Consequence {
  switch (detail.code) {
    case 'NETWORK.LISTEN_FAILED':
    case 'NETWORK.BAD_ADDRESS':
    case 'NETWORK.BAD_PEER_ID':
    case 'NETWORK.SETUP_INVALID':
    case 'NETWORK.PUBLISH_FAILED':
    case 'NETWORK.BAD_BAN_TARGET':
    case 'NETWORK.PINNED':
    case 'NETWORK.QUEUE_FULL':
    case 'NETWORK.ADDRESS_REFUSED':
    case 'NETWORK.STORE_FAILED':
    case 'NETWORK.STORE_LOCKED':
    case 'NETWORK.CANCELLED':
      return none;
    case 'NETWORK.DIAL_FAILED':
    case 'NETWORK.DIAL_TIMEOUT':
    case 'NETWORK.NOT_CONNECTED':
    case 'NETWORK.STREAM_FAILED':
    case 'NETWORK.CONNECTION_CLOSED':
    case 'NETWORK.RPC_FAILED':
      return retry;
    // The connection ends, and it is nobody's fault.
    case 'NETWORK.NO_FREE_SLOT':
    case 'NETWORK.TEMPORARY_DIAL_DONE':
    case 'NETWORK.EVICTED':
    case 'NETWORK.REMOVED_BY_OPERATOR':
    case 'NETWORK.REDUNDANT_CONNECTION':
    case 'NETWORK.BANNED':
    case 'NETWORK.QUARANTINED':
    case 'NETWORK.SCORE_TOO_LOW':
    case 'NETWORK.PROTOCOL_UNSUPPORTED':
    case 'NETWORK.CHAIN_MISMATCH':
      return part;
    case 'NETWORK.BAD_REQUEST':
    case 'NETWORK.RATE_LIMITED':
    case 'NETWORK.LIMIT_REACHED':
      return lower(1);
    case 'NETWORK.GOSSIP_ABUSE':
      return lower(5);
    case 'NETWORK.RPC_TIMEOUT':
      return drop(5);
    case 'NETWORK.BAD_MESSAGE':
    case 'NETWORK.MESSAGE_TOO_LARGE':
      return drop(10);
    case 'NETWORK.CLAIMED_PEER_ID':
      return drop(25);
    case 'NETWORK.REPORTED_BY_CONSUMER':
      return detail.severity === 'drop' ? drop(20) : lower(5);
    default:
      return assertNever(detail);
  }
}
