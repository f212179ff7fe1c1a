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
  | { code: 'NETWORK.REPORTED_BY_CONSUMER'; peerId: string; fault: string; reason: string }
  | { code: 'NETWORK.SETUP_INVALID'; reason: string }
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
    case 'NETWORK.CANCELLED':
      return 'cancelled';
    default:
      return assertNever(detail);
  }
}

/** What follows for the peer: nothing, another try later, or its connection is closed. */
export type PeerAction = 'none' | 'retry' | 'drop';

/** The one table from a failure to its consequence for the peer. */
export function peerActionFor({ detail }: NetworkError): PeerAction {
  switch (detail.code) {
    case 'NETWORK.LISTEN_FAILED':
    case 'NETWORK.BAD_ADDRESS':
    case 'NETWORK.BAD_PEER_ID':
    case 'NETWORK.SETUP_INVALID':
    case 'NETWORK.PUBLISH_FAILED':
    case 'NETWORK.BAD_REQUEST':
    case 'NETWORK.CANCELLED':
      return 'none';
    case 'NETWORK.DIAL_FAILED':
    case 'NETWORK.DIAL_TIMEOUT':
    case 'NETWORK.NOT_CONNECTED':
    case 'NETWORK.STREAM_FAILED':
    case 'NETWORK.CONNECTION_CLOSED':
    case 'NETWORK.RPC_FAILED':
      return 'retry';
    case 'NETWORK.PROTOCOL_UNSUPPORTED':
    case 'NETWORK.RPC_TIMEOUT':
    case 'NETWORK.BAD_MESSAGE':
    case 'NETWORK.MESSAGE_TOO_LARGE':
    case 'NETWORK.CHAIN_MISMATCH':
    case 'NETWORK.NO_FREE_SLOT':
    case 'NETWORK.CLAIMED_PEER_ID':
    case 'NETWORK.TEMPORARY_DIAL_DONE':
    case 'NETWORK.REPORTED_BY_CONSUMER':
      return 'drop';
    default:
      return assertNever(detail);
  }
}
