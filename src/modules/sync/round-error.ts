import { assertNever, errorText } from '../../common/app-error.js';
import { BlockchainError, type BlockchainErrorDetail } from '../blockchain/index.js';
import { NetworkError, type PeerFault } from '../network/index.js';
import { type SyncConsequence, SyncError } from './sync.errors.js';
import type { Round } from './sync-machine.js';

/** What a failure of the network or of the chain says about the round it ended. */
export function roundErrorOf(error: unknown, { peerId, reached }: Round, blockTimeoutMs: number): SyncError {
  if (error instanceof SyncError) return error;
  const reason = errorText(error);
  if (error instanceof NetworkError) {
    switch (error.code) {
      case 'NETWORK.RPC_TIMEOUT':
        return new SyncError({ code: 'SYNC.STALLED', peerId, timeoutMs: blockTimeoutMs }, error);
      case 'NETWORK.BAD_MESSAGE':
      case 'NETWORK.MESSAGE_TOO_LARGE':
        return new SyncError({ code: 'SYNC.BAD_MESSAGE', peerId, reason }, error);
      default:
        return new SyncError({ code: 'SYNC.PEER_FAILED', peerId, reason }, error);
    }
  }
  if (error instanceof BlockchainError && isFaultOfSender(error.code)) {
    return new SyncError({ code: 'SYNC.BAD_BLOCK', peerId, from: reached + 1, reason }, error);
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
    case 'BLOCKCHAIN.GENESIS_MISMATCH':
    // We ask from 0 while genesis is missing: the peer began elsewhere.
    case 'BLOCKCHAIN.GENESIS_MISSING':
      return true;
    case 'BLOCKCHAIN.GENESIS_INVALID':
    case 'BLOCKCHAIN.STORE_GAP':
    case 'BLOCKCHAIN.STORE_CORRUPT':
    case 'BLOCKCHAIN.STORE_FAILED':
    case 'BLOCKCHAIN.STORE_LOCKED':
    case 'BLOCKCHAIN.STORE_OTHER_CHAIN':
    case 'BLOCKCHAIN.STORE_CLOSED':
    case 'BLOCKCHAIN.ARCHIVE_INVALID':
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
