import { AppError, assertNever } from '../../common/app-error.js';
import { GrpcStatus, type GrpcStatusCode, GrpcStatusError } from '../../common/grpc-status.js';
import { AccessError, type AccessErrorDetail } from '../access/index.js';
import { BlockchainError, type BlockchainErrorDetail } from '../blockchain/index.js';
import { NetworkError, type NetworkErrorDetail } from '../network/index.js';
import { TxPoolError, type TxPoolErrorDetail } from '../txpool/index.js';
import { INTERNAL, statusReasonOf } from './status-reason.js';
import { SystemError, type SystemErrorDetail } from './system.errors.js';

/**
 * The one table from an error to what a gRPC caller, operator or peer, gets. A status that is already one passes;
 * anything unknown is INTERNAL and keeps its text to itself.
 */
export function grpcStatusFor(error: unknown): GrpcStatusError {
  if (error instanceof GrpcStatusError) return error;
  if (error instanceof SystemError) return status(systemStatus(error.detail), error);
  if (error instanceof AccessError) return status(accessStatus(error.detail), error);
  if (error instanceof NetworkError) return status(networkStatus(error.detail), error);
  if (error instanceof BlockchainError) return status(blockchainStatus(error.detail), error);
  if (error instanceof TxPoolError) return status(txPoolStatus(error.detail), error);
  return new GrpcStatusError(GrpcStatus.INTERNAL, 'internal error', error, INTERNAL);
}

const status = (code: GrpcStatusCode, error: AppError) =>
  new GrpcStatusError(code, error.message, error, statusReasonOf(error));

function systemStatus(detail: SystemErrorDetail): GrpcStatusCode {
  switch (detail.code) {
    case 'SYSTEM.REQUEST_INVALID':
    case 'SYSTEM.REQUEST_UNDECODABLE':
    case 'SYSTEM.METADATA_INVALID':
      return GrpcStatus.INVALID_ARGUMENT;
    case 'SYSTEM.BLOCK_NOT_FOUND':
    case 'SYSTEM.PEER_NOT_FOUND':
    case 'SYSTEM.BAN_NOT_FOUND':
    case 'SYSTEM.TRUST_NOT_FOUND':
    case 'SYSTEM.PIN_NOT_FOUND':
    case 'SYSTEM.HASH_NOT_FOUND':
      return GrpcStatus.NOT_FOUND;
    case 'SYSTEM.EXPORT_RANGE_INVALID':
      return GrpcStatus.OUT_OF_RANGE;
    case 'SYSTEM.NO_ADDRESS':
      return GrpcStatus.FAILED_PRECONDITION;
    case 'SYSTEM.SUBSCRIBER_TOO_SLOW':
    case 'SYSTEM.WATCHER_TOO_SLOW':
    case 'SYSTEM.LOG_READER_TOO_SLOW':
    case 'SYSTEM.REQUEST_TOO_LARGE':
    case 'SYSTEM.TOO_MANY_CALLS':
    case 'SYSTEM.METADATA_TOO_LARGE':
      return GrpcStatus.RESOURCE_EXHAUSTED;
    case 'SYSTEM.COMPRESSED':
    case 'SYSTEM.METHOD_UNKNOWN':
      return GrpcStatus.UNIMPLEMENTED;
    case 'SYSTEM.CALL_TIMEOUT':
      return GrpcStatus.DEADLINE_EXCEEDED;
    case 'SYSTEM.NO_HEAD':
    case 'SYSTEM.SHUTTING_DOWN':
    case 'SYSTEM.LISTEN_FAILED':
    case 'SYSTEM.TLS_INVALID':
      return GrpcStatus.UNAVAILABLE;
    default:
      return assertNever(detail);
  }
}

function accessStatus(detail: AccessErrorDetail): GrpcStatusCode {
  switch (detail.code) {
    case 'ACCESS.UNAUTHENTICATED':
    case 'ACCESS.TOKEN_NEEDED':
    case 'ACCESS.HANDSHAKE_FAILED':
      return GrpcStatus.UNAUTHENTICATED;
    case 'ACCESS.FORBIDDEN':
    case 'ACCESS.PAGE_REFUSED':
      return GrpcStatus.PERMISSION_DENIED;
    case 'ACCESS.TOO_MANY_FAILURES':
    case 'ACCESS.RATE_LIMITED':
    case 'ACCESS.TOO_MANY_CALLS':
    case 'ACCESS.TOO_MANY_STREAMS':
    case 'ACCESS.TOO_MANY_CONNECTIONS':
      return GrpcStatus.RESOURCE_EXHAUSTED;
    case 'ACCESS.PLAINTEXT_EXPOSED':
    case 'ACCESS.TOKEN_FILE':
      return GrpcStatus.FAILED_PRECONDITION;
    default:
      return assertNever(detail);
  }
}

function networkStatus(detail: NetworkErrorDetail): GrpcStatusCode {
  switch (detail.code) {
    case 'NETWORK.BAD_ADDRESS':
    case 'NETWORK.BAD_PEER_ID':
    case 'NETWORK.BAD_REQUEST':
    case 'NETWORK.CLAIMED_PEER_ID':
    case 'NETWORK.BAD_BAN_TARGET':
    case 'NETWORK.ADDRESS_REFUSED':
      return GrpcStatus.INVALID_ARGUMENT;
    case 'NETWORK.SETUP_INVALID':
    case 'NETWORK.CHAIN_MISMATCH':
    case 'NETWORK.PINNED':
    case 'NETWORK.PROTOCOL_UNSUPPORTED':
    case 'NETWORK.BANNED':
    case 'NETWORK.QUARANTINED':
    case 'NETWORK.SCORE_TOO_LOW':
    case 'NETWORK.STORE_LOCKED':
      return GrpcStatus.FAILED_PRECONDITION;
    case 'NETWORK.NO_FREE_SLOT':
    case 'NETWORK.MESSAGE_TOO_LARGE':
    case 'NETWORK.QUEUE_FULL':
    case 'NETWORK.LIMIT_REACHED':
    case 'NETWORK.RATE_LIMITED':
    case 'NETWORK.GOSSIP_ABUSE':
      return GrpcStatus.RESOURCE_EXHAUSTED;
    case 'NETWORK.DIAL_TIMEOUT':
    case 'NETWORK.RPC_TIMEOUT':
      return GrpcStatus.DEADLINE_EXCEEDED;
    case 'NETWORK.CANCELLED':
    case 'NETWORK.REMOVED_BY_OPERATOR':
      return GrpcStatus.CANCELLED;
    case 'NETWORK.LISTEN_FAILED':
    case 'NETWORK.DIAL_FAILED':
    case 'NETWORK.NOT_CONNECTED':
    case 'NETWORK.STREAM_FAILED':
    case 'NETWORK.RPC_FAILED':
    case 'NETWORK.BAD_MESSAGE':
    case 'NETWORK.PUBLISH_FAILED':
    case 'NETWORK.CONNECTION_CLOSED':
    case 'NETWORK.TEMPORARY_DIAL_DONE':
    case 'NETWORK.REPORTED_BY_CONSUMER':
    case 'NETWORK.EVICTED':
    case 'NETWORK.REDUNDANT_CONNECTION':
    case 'NETWORK.STORE_FAILED':
      return GrpcStatus.UNAVAILABLE;
    default:
      return assertNever(detail);
  }
}

function blockchainStatus(detail: BlockchainErrorDetail): GrpcStatusCode {
  switch (detail.code) {
    case 'BLOCKCHAIN.UNDECODABLE':
    case 'BLOCKCHAIN.NOT_CANONICAL':
    case 'BLOCKCHAIN.TOO_LARGE':
    case 'BLOCKCHAIN.BAD_SEQUENCE':
    case 'BLOCKCHAIN.BAD_HEADER':
    case 'BLOCKCHAIN.BAD_BODY':
    case 'BLOCKCHAIN.BAD_EXTRA':
    case 'BLOCKCHAIN.BAD_SEAL':
    case 'BLOCKCHAIN.ANOMALY':
    case 'BLOCKCHAIN.SET_UNEXPLAINED':
    case 'BLOCKCHAIN.FINALITY_CONFLICT':
    case 'BLOCKCHAIN.GENESIS_INVALID':
    case 'BLOCKCHAIN.ARCHIVE_INVALID':
    case 'BLOCKCHAIN.CHECKPOINT_INVALID':
    case 'BLOCKCHAIN.PROOF_INVALID':
      return GrpcStatus.INVALID_ARGUMENT;
    case 'BLOCKCHAIN.UNKNOWN_PARENT':
    case 'BLOCKCHAIN.ANCHOR_MISMATCH':
    case 'BLOCKCHAIN.GENESIS_MISMATCH':
    case 'BLOCKCHAIN.GENESIS_MISSING':
    case 'BLOCKCHAIN.STORE_GAP':
    case 'BLOCKCHAIN.STORE_LOCKED':
    case 'BLOCKCHAIN.STORE_UNUSABLE':
    case 'BLOCKCHAIN.STORE_OTHER_CHAIN':
    case 'BLOCKCHAIN.VOTE_REFUSED':
    case 'BLOCKCHAIN.SETS_NOT_PROVED':
      return GrpcStatus.FAILED_PRECONDITION;
    case 'BLOCKCHAIN.HEADER_NOT_FOUND':
      return GrpcStatus.NOT_FOUND;
    case 'BLOCKCHAIN.PRUNED':
    case 'BLOCKCHAIN.PROOF_UNAVAILABLE':
      return GrpcStatus.OUT_OF_RANGE;
    case 'BLOCKCHAIN.STORE_FULL':
      return GrpcStatus.RESOURCE_EXHAUSTED;
    case 'BLOCKCHAIN.STORE_CORRUPT':
      return GrpcStatus.DATA_LOSS;
    case 'BLOCKCHAIN.STORE_FAILED':
    case 'BLOCKCHAIN.STORE_CLOSED':
    case 'BLOCKCHAIN.VERIFIER_FAILED':
      return GrpcStatus.UNAVAILABLE;
    case 'BLOCKCHAIN.CANCELLED':
      return GrpcStatus.CANCELLED;
    default:
      return assertNever(detail);
  }
}

function txPoolStatus(detail: TxPoolErrorDetail): GrpcStatusCode {
  switch (detail.code) {
    case 'TXPOOL.TOO_LARGE':
    case 'TXPOOL.UNDECODABLE':
    case 'TXPOOL.UNKNOWN_TYPE':
    case 'TXPOOL.TYPE_REFUSED':
    case 'TXPOOL.BAD_SIGNATURE':
    case 'TXPOOL.OTHER_CHAIN':
    case 'TXPOOL.WRONG_SENDER':
    case 'TXPOOL.INIT_CODE_TOO_LARGE':
    case 'TXPOOL.TIP_ABOVE_FEE_CAP':
    case 'TXPOOL.GAS_TOO_LOW':
      return GrpcStatus.INVALID_ARGUMENT;
    case 'TXPOOL.NO_HEAD':
    case 'TXPOOL.TYPE_NOT_ACTIVE':
    case 'TXPOOL.DYNAMIC_NOT_ALLOWED':
    case 'TXPOOL.UNDERPRICED':
    case 'TXPOOL.GAS_TOO_HIGH':
    case 'TXPOOL.REPLACEMENT_UNDERPRICED':
      return GrpcStatus.FAILED_PRECONDITION;
    case 'TXPOOL.ALREADY_KNOWN':
      return GrpcStatus.ALREADY_EXISTS;
    case 'TXPOOL.SENDER_FULL':
    case 'TXPOOL.FULL':
      return GrpcStatus.RESOURCE_EXHAUSTED;
    default:
      return assertNever(detail);
  }
}
