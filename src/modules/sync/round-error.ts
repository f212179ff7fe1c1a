import { assertNever, errorText } from '../../common/app-error.js';
import { GrpcStatus } from '../../common/grpc-status.js';
import { BlockchainError, type BlockchainErrorDetail } from '../blockchain/index.js';
import { NetworkError, type PeerFault, type PeerId } from '../network/index.js';
import { type SyncConsequence, SyncError } from './sync.errors.js';

/** Where a failure was met: at which block of which peer. */
interface Where {
  readonly peerId: PeerId;
  readonly height: number;
}

/** What a failure of the network or of the chain says about the peer. */
export function roundErrorOf(error: unknown, { peerId, height }: Where): SyncError {
  if (error instanceof SyncError) return error;
  const reason = errorText(error);
  if (error instanceof NetworkError) {
    const { detail } = error;
    switch (detail.code) {
      case 'NETWORK.RPC_TIMEOUT':
        return new SyncError({ code: 'SYNC.STALLED', peerId, timeoutMs: detail.timeoutMs }, error);
      case 'NETWORK.BAD_MESSAGE':
      case 'NETWORK.MESSAGE_TOO_LARGE':
        return new SyncError({ code: 'SYNC.BAD_MESSAGE', peerId, reason }, error);
      case 'NETWORK.RPC_FAILED':
        return new SyncError(
          detail.status === GrpcStatus.OUT_OF_RANGE
            ? { code: 'SYNC.NOT_KEPT', peerId, height }
            : { code: 'SYNC.PEER_FAILED', peerId, reason },
          error,
        );
      default:
        return new SyncError({ code: 'SYNC.PEER_FAILED', peerId, reason }, error);
    }
  }
  if (error instanceof BlockchainError && isFaultOfSender(error.code)) {
    return new SyncError({ code: 'SYNC.BAD_BLOCK', peerId, height, reason }, error);
  }
  return new SyncError({ code: 'SYNC.LOCAL_FAILURE', reason }, error);
}

/** Whether the blocks were bad, as opposed to our own store or settings. */
function isFaultOfSender(code: BlockchainErrorDetail['code']): boolean {
  switch (code) {
    case 'BLOCKCHAIN.UNDECODABLE':
    case 'BLOCKCHAIN.NOT_CANONICAL':
    case 'BLOCKCHAIN.TOO_LARGE':
    case 'BLOCKCHAIN.UNKNOWN_PARENT':
    case 'BLOCKCHAIN.BAD_SEQUENCE':
    case 'BLOCKCHAIN.BAD_HEADER':
    case 'BLOCKCHAIN.BAD_BODY':
    case 'BLOCKCHAIN.BAD_EXTRA':
    case 'BLOCKCHAIN.BAD_SEAL':
    case 'BLOCKCHAIN.ANOMALY':
    case 'BLOCKCHAIN.SET_UNEXPLAINED':
    case 'BLOCKCHAIN.FINALITY_CONFLICT':
    case 'BLOCKCHAIN.ANCHOR_MISMATCH':
    case 'BLOCKCHAIN.GENESIS_MISMATCH':
    // We ask from 0 while genesis is missing: the peer began elsewhere.
    case 'BLOCKCHAIN.GENESIS_MISSING':
      return true;
    case 'BLOCKCHAIN.GENESIS_INVALID':
    case 'BLOCKCHAIN.STORE_GAP':
    case 'BLOCKCHAIN.STORE_CORRUPT':
    case 'BLOCKCHAIN.STORE_FAILED':
    case 'BLOCKCHAIN.STORE_FULL':
    case 'BLOCKCHAIN.PRUNED':
    case 'BLOCKCHAIN.VERIFIER_FAILED':
    case 'BLOCKCHAIN.STORE_LOCKED':
    case 'BLOCKCHAIN.STORE_UNUSABLE':
    case 'BLOCKCHAIN.STORE_OTHER_CHAIN':
    case 'BLOCKCHAIN.STORE_CLOSED':
    case 'BLOCKCHAIN.ARCHIVE_INVALID':
    case 'BLOCKCHAIN.CHECKPOINT_INVALID':
    case 'BLOCKCHAIN.VOTE_REFUSED':
    case 'BLOCKCHAIN.HEADER_NOT_FOUND':
    case 'BLOCKCHAIN.PROOF_INVALID':
    case 'BLOCKCHAIN.PROOF_UNAVAILABLE':
    case 'BLOCKCHAIN.SETS_NOT_PROVED':
    case 'BLOCKCHAIN.CANCELLED':
      return false;
    default:
      return assertNever(code);
  }
}

/** The failure as the network wants to hear of it. */
export function faultOf({ code, message }: SyncError, consequence: SyncConsequence): PeerFault {
  return { code, message, severity: consequence === 'drop' ? 'drop' : 'retry' };
}
