import { AppError, assertNever } from '../../common/app-error.js';

export type SystemErrorDetail =
  | {
      code: 'SYSTEM.REQUEST_INVALID';
      field: string;
      /** The one that is enforced. */
      rule: string;
      /** What the text names in its place, where Go's text is fixed. */
      ruleInText?: string | undefined;
      /** What was given, printable and cut short. */
      value: string;
      isStream: boolean;
    }
  | { code: 'SYSTEM.REQUEST_TOO_LARGE'; path: string; maxBytes: number }
  | { code: 'SYSTEM.REQUEST_UNDECODABLE'; path: string; reason: string }
  | { code: 'SYSTEM.BLOCK_NOT_FOUND'; number: bigint }
  | { code: 'SYSTEM.HASH_NOT_FOUND'; hash: string }
  | { code: 'SYSTEM.NO_HEAD' }
  | { code: 'SYSTEM.EXPORT_RANGE_INVALID'; from: bigint; to: bigint }
  | { code: 'SYSTEM.NO_ADDRESS' }
  | { code: 'SYSTEM.SUBSCRIBER_TOO_SLOW'; resumeFrom?: number }
  | { code: 'SYSTEM.PEER_NOT_FOUND'; peerId: string }
  | { code: 'SYSTEM.BAN_NOT_FOUND'; target: string }
  | { code: 'SYSTEM.TRUST_NOT_FOUND'; peerId: string }
  | { code: 'SYSTEM.PIN_NOT_FOUND'; peerId: string }
  | { code: 'SYSTEM.WATCHER_TOO_SLOW' }
  | { code: 'SYSTEM.LOG_READER_TOO_SLOW' }
  | { code: 'SYSTEM.SHUTTING_DOWN' }
  | { code: 'SYSTEM.TOO_MANY_CALLS'; limit: number }
  /** `method` only where the service is known. */
  | { code: 'SYSTEM.METHOD_UNKNOWN'; service: string; method?: string | undefined }
  | { code: 'SYSTEM.METADATA_TOO_LARGE'; maxBytes: number }
  | { code: 'SYSTEM.METADATA_INVALID' }
  | { code: 'SYSTEM.COMPRESSED'; path: string }
  | { code: 'SYSTEM.CALL_TIMEOUT'; path: string; timeoutMs: number }
  | { code: 'SYSTEM.LISTEN_FAILED'; address: string; reason: string }
  | { code: 'SYSTEM.TLS_INVALID'; reason: string };

/** Everything the operator service can fail with; texts as the Go client's where it has one (protocol.md 6.1). */
export class SystemError extends AppError<SystemErrorDetail> {
  constructor(detail: SystemErrorDetail, cause?: unknown) {
    super(detail, messageOf(detail), cause);
  }
}

function messageOf(detail: SystemErrorDetail): string {
  switch (detail.code) {
    case 'SYSTEM.REQUEST_INVALID':
      return `${detail.isStream ? '' : 'request validation failed: '}invalid ${detail.field}: ${detail.ruleInText ?? detail.rule}`;
    case 'SYSTEM.REQUEST_TOO_LARGE':
      return `the request of ${detail.path} has more than ${detail.maxBytes} bytes`;
    case 'SYSTEM.REQUEST_UNDECODABLE':
      return `the request of ${detail.path} cannot be decoded: ${detail.reason}`;
    case 'SYSTEM.BLOCK_NOT_FOUND':
      return `block #${detail.number} not found`;
    case 'SYSTEM.HASH_NOT_FOUND':
      return `block ${detail.hash} not found`;
    case 'SYSTEM.NO_HEAD':
      return 'the genesis block is not known yet';
    case 'SYSTEM.EXPORT_RANGE_INVALID':
      return 'to must be greater than from';
    case 'SYSTEM.NO_ADDRESS':
      return 'no dial addresses found';
    case 'SYSTEM.SUBSCRIBER_TOO_SLOW':
      return detail.resumeFrom === undefined
        ? 'the subscriber reads too slowly'
        : `the subscriber reads too slowly; resume from block ${detail.resumeFrom}`;
    case 'SYSTEM.PEER_NOT_FOUND':
      return `${detail.peerId} is neither connected, dialed nor static`;
    case 'SYSTEM.BAN_NOT_FOUND':
      return `there is no ban of ${detail.target}`;
    case 'SYSTEM.TRUST_NOT_FOUND':
      return `${detail.peerId} is not trusted`;
    case 'SYSTEM.PIN_NOT_FOUND':
      return `${detail.peerId} is not a static peer`;
    case 'SYSTEM.WATCHER_TOO_SLOW':
      return 'the watcher reads too slowly; watch again for the state of now';
    case 'SYSTEM.LOG_READER_TOO_SLOW':
      return 'the reader of the log reads too slowly; entries were lost';
    case 'SYSTEM.SHUTTING_DOWN':
      return 'the node is shutting down';
    case 'SYSTEM.TOO_MANY_CALLS':
      return `no more than ${detail.limit} calls at a time`;
    case 'SYSTEM.METHOD_UNKNOWN':
      return detail.method === undefined
        ? `unknown service ${detail.service}`
        : `unknown method ${detail.method} for service ${detail.service}`;
    case 'SYSTEM.METADATA_INVALID':
      return 'the metadata has characters that gRPC does not allow';
    case 'SYSTEM.METADATA_TOO_LARGE':
      return `the metadata of the call has more than ${detail.maxBytes} bytes`;
    case 'SYSTEM.COMPRESSED':
      return `the request of ${detail.path} is compressed, which is not supported`;
    case 'SYSTEM.CALL_TIMEOUT':
      return `${detail.path} was not answered within ${detail.timeoutMs} ms`;
    case 'SYSTEM.LISTEN_FAILED':
      return `cannot listen on ${detail.address} (--grpc-address): ${detail.reason}`;
    case 'SYSTEM.TLS_INVALID':
      return `certificate and key of the operator API: ${detail.reason}`;
    default:
      return assertNever(detail);
  }
}
