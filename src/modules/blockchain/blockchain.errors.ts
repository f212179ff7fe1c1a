import { AppError, assertNever } from '../../common/app-error.js';

export type BlockchainErrorDetail =
  | { code: 'BLOCKCHAIN.UNDECODABLE'; number?: number; reason: string }
  | { code: 'BLOCKCHAIN.NOT_CANONICAL'; number?: number; reason: string }
  | { code: 'BLOCKCHAIN.TOO_LARGE'; number?: number; maxBytes: number }
  | { code: 'BLOCKCHAIN.UNKNOWN_PARENT'; number: number }
  | { code: 'BLOCKCHAIN.BAD_SEQUENCE'; number: number; expected: number }
  | { code: 'BLOCKCHAIN.BAD_HEADER'; number: number; reason: string }
  | { code: 'BLOCKCHAIN.BAD_BODY'; number: number; reason: string }
  | { code: 'BLOCKCHAIN.BAD_EXTRA'; number: number; reason: string }
  | { code: 'BLOCKCHAIN.BAD_SEAL'; number: number; reason: string }
  | { code: 'BLOCKCHAIN.GENESIS_MISMATCH'; reason: string }
  | { code: 'BLOCKCHAIN.GENESIS_MISSING' }
  | { code: 'BLOCKCHAIN.GENESIS_INVALID'; faults: readonly string[] }
  | { code: 'BLOCKCHAIN.STORE_GAP'; number: number; expected: number }
  | { code: 'BLOCKCHAIN.STORE_CORRUPT'; number?: number; reason: string }
  | { code: 'BLOCKCHAIN.STORE_FAILED'; reason: string }
  | { code: 'BLOCKCHAIN.STORE_LOCKED'; path: string }
  | { code: 'BLOCKCHAIN.STORE_OTHER_CHAIN'; path: string; theirs: string; ours: string }
  | { code: 'BLOCKCHAIN.STORE_CLOSED' }
  | { code: 'BLOCKCHAIN.ARCHIVE_INVALID'; reason: string; offset?: number; keptUpTo?: number }
  | { code: 'BLOCKCHAIN.CANCELLED'; reason?: string };

/** Everything the chain can fail with. */
export class BlockchainError extends AppError<BlockchainErrorDetail> {
  constructor(detail: BlockchainErrorDetail, cause?: unknown) {
    super(detail, messageOf(detail), cause);
  }
}

type ArchiveFault = Extract<BlockchainErrorDetail, { code: 'BLOCKCHAIN.ARCHIVE_INVALID' }>;

const at = (number: number | undefined) => (number === undefined ? 'block' : `block ${number}`);

/** Texts follow the Go client's where it has one (protocol.md 7.4). */
function messageOf(detail: BlockchainErrorDetail): string {
  switch (detail.code) {
    case 'BLOCKCHAIN.UNDECODABLE':
      return `${at(detail.number)} cannot be decoded: ${detail.reason}`;
    case 'BLOCKCHAIN.NOT_CANONICAL':
      return `${at(detail.number)} is not in canonical encoding: ${detail.reason}`;
    case 'BLOCKCHAIN.TOO_LARGE':
      return `${at(detail.number)} is larger than ${detail.maxBytes} bytes`;
    case 'BLOCKCHAIN.UNKNOWN_PARENT':
      return `block ${detail.number}: parent block not found`;
    case 'BLOCKCHAIN.BAD_SEQUENCE':
      return `block ${detail.number}: invalid block sequence, expected ${detail.expected}`;
    case 'BLOCKCHAIN.BAD_HEADER':
    case 'BLOCKCHAIN.BAD_BODY':
    case 'BLOCKCHAIN.BAD_EXTRA':
    case 'BLOCKCHAIN.BAD_SEAL':
      return `block ${detail.number}: ${detail.reason}`;
    case 'BLOCKCHAIN.GENESIS_MISMATCH':
      return `genesis file does not match current genesis: ${detail.reason}`;
    case 'BLOCKCHAIN.GENESIS_MISSING':
      return 'the genesis block is not known yet';
    case 'BLOCKCHAIN.GENESIS_INVALID':
      return `invalid genesis: ${detail.faults.join('; ')}`;
    case 'BLOCKCHAIN.STORE_GAP':
      return `block ${detail.number} does not follow the head, expected ${detail.expected}`;
    case 'BLOCKCHAIN.STORE_CORRUPT':
      return `the store is damaged${detail.number === undefined ? '' : ` at block ${detail.number}`}: ${detail.reason}`;
    case 'BLOCKCHAIN.STORE_FAILED':
      return `the store failed: ${detail.reason}`;
    case 'BLOCKCHAIN.STORE_LOCKED':
      return `data folder ${detail.path} is in use by another process`;
    case 'BLOCKCHAIN.STORE_OTHER_CHAIN':
      return `data folder ${detail.path} holds another chain (genesis ${detail.theirs}, expected ${detail.ours})`;
    case 'BLOCKCHAIN.STORE_CLOSED':
      return 'the store is closed';
    case 'BLOCKCHAIN.ARCHIVE_INVALID':
      return archiveMessage(detail);
    case 'BLOCKCHAIN.CANCELLED':
      return detail.reason ?? 'cancelled';
    default:
      return assertNever(detail);
  }
}

/** Without an offset the file could not be read at all; what is wrong is then not in the archive. */
function archiveMessage({ reason, offset, keptUpTo }: ArchiveFault): string {
  const fault = offset === undefined ? reason : `invalid archive at byte ${offset}: ${reason}`;
  return keptUpTo === undefined ? fault : `${fault}; the blocks up to ${keptUpTo} are kept`;
}
