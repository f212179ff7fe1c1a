import { AppError, assertNever } from '../../common/app-error.js';
import type { Rule } from './ports/rules.js';

export type BlockchainErrorDetail =
  | { code: 'BLOCKCHAIN.UNDECODABLE'; number?: number; reason: string }
  | { code: 'BLOCKCHAIN.NOT_CANONICAL'; number?: number; reason: string }
  | { code: 'BLOCKCHAIN.TOO_LARGE'; number?: number; maxBytes: number }
  | { code: 'BLOCKCHAIN.UNKNOWN_PARENT'; number: number }
  | { code: 'BLOCKCHAIN.BAD_SEQUENCE'; number: number; expected: number }
  | { code: 'BLOCKCHAIN.BAD_HEADER'; number: number; rule: Rule; reason: string }
  | { code: 'BLOCKCHAIN.BAD_BODY'; number: number; rule: Rule; reason: string }
  | { code: 'BLOCKCHAIN.BAD_EXTRA'; number: number; reason: string }
  | { code: 'BLOCKCHAIN.BAD_SEAL'; number: number; rule: Rule; reason: string }
  | { code: 'BLOCKCHAIN.ANOMALY'; number: number; rule: Rule; reason: string }
  | { code: 'BLOCKCHAIN.SET_UNEXPLAINED'; number: number; suspects: readonly number[]; reason: string }
  | { code: 'BLOCKCHAIN.FINALITY_CONFLICT'; number: number; reason: string }
  | { code: 'BLOCKCHAIN.ANCHOR_MISMATCH'; number: number; reason: string }
  | { code: 'BLOCKCHAIN.PRUNED'; number: number; tail: number }
  | { code: 'BLOCKCHAIN.VERIFIER_FAILED'; reason: string }
  | { code: 'BLOCKCHAIN.GENESIS_MISMATCH'; reason: string }
  | { code: 'BLOCKCHAIN.GENESIS_MISSING' }
  | { code: 'BLOCKCHAIN.GENESIS_INVALID'; faults: readonly string[] }
  | { code: 'BLOCKCHAIN.STORE_GAP'; number: number; expected: number }
  | { code: 'BLOCKCHAIN.STORE_CORRUPT'; number?: number; reason: string }
  | { code: 'BLOCKCHAIN.STORE_FAILED'; reason: string }
  | { code: 'BLOCKCHAIN.STORE_FULL'; reason: string }
  | { code: 'BLOCKCHAIN.STORE_LOCKED'; path: string }
  | { code: 'BLOCKCHAIN.STORE_OTHER_CHAIN'; path: string; theirs: string; ours: string }
  | { code: 'BLOCKCHAIN.STORE_CLOSED' }
  | { code: 'BLOCKCHAIN.STORE_UNUSABLE'; package: string; reason: string }
  | { code: 'BLOCKCHAIN.ARCHIVE_INVALID'; reason: string; offset?: number; keptUpTo?: number }
  | { code: 'BLOCKCHAIN.CHECKPOINT_INVALID'; path: string; reason: string }
  | { code: 'BLOCKCHAIN.VOTE_REFUSED'; reason: string }
  | { code: 'BLOCKCHAIN.HEADER_NOT_FOUND'; number: number }
  | { code: 'BLOCKCHAIN.PROOF_INVALID'; number?: number; reason: string }
  | { code: 'BLOCKCHAIN.PROOF_UNAVAILABLE'; number: number; reason: string }
  | { code: 'BLOCKCHAIN.SETS_NOT_PROVED'; number: number; trustedSets: number }
  | { code: 'BLOCKCHAIN.CANCELLED'; reason?: string };

/** Everything the chain can fail with. */
export class BlockchainError extends AppError<BlockchainErrorDetail> {
  // By itself, since the verifier's bundle shortens the names of classes.
  override readonly name = 'BlockchainError';

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
    case 'BLOCKCHAIN.ANOMALY':
    case 'BLOCKCHAIN.SET_UNEXPLAINED':
    case 'BLOCKCHAIN.FINALITY_CONFLICT':
    case 'BLOCKCHAIN.ANCHOR_MISMATCH':
      return `block ${detail.number}: ${detail.reason}`;
    case 'BLOCKCHAIN.PRUNED':
      return `block ${detail.number} is not kept here, the oldest kept is ${detail.tail}`;
    case 'BLOCKCHAIN.VERIFIER_FAILED':
      return `blocks could not be verified: ${detail.reason}`;
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
    case 'BLOCKCHAIN.STORE_FULL':
      return `the disk is full: ${detail.reason}`;
    case 'BLOCKCHAIN.STORE_LOCKED':
      return `data folder ${detail.path} is in use by another node`;
    case 'BLOCKCHAIN.STORE_OTHER_CHAIN':
      return `data folder ${detail.path} holds another chain (genesis ${detail.theirs}, expected ${detail.ours})`;
    case 'BLOCKCHAIN.STORE_CLOSED':
      return 'the store is closed';
    case 'BLOCKCHAIN.STORE_UNUSABLE':
      return `blockchain.store: ${detail.package} is none of lmdb, level and memory, and as a package ${detail.reason}`;
    case 'BLOCKCHAIN.ARCHIVE_INVALID':
      return archiveMessage(detail);
    case 'BLOCKCHAIN.CHECKPOINT_INVALID':
      return `checkpoint ${detail.path}: ${detail.reason}`;
    case 'BLOCKCHAIN.VOTE_REFUSED':
      return detail.reason;
    case 'BLOCKCHAIN.HEADER_NOT_FOUND':
      return 'header not found';
    case 'BLOCKCHAIN.PROOF_INVALID':
      return `the proof is refused${detail.number === undefined ? '' : ` at block ${detail.number}`}: ${detail.reason}`;
    case 'BLOCKCHAIN.PROOF_UNAVAILABLE':
      return `block ${detail.number} cannot be proved: ${detail.reason}`;
    case 'BLOCKCHAIN.SETS_NOT_PROVED':
      return `block ${detail.number} is behind ${detail.trustedSets} validator sets that nothing proves`;
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
