import { AppError, assertNever } from '../../common/app-error.js';

export type JsonRpcErrorDetail =
  | { code: 'JSONRPC.PORT_TAKEN'; address: string }
  | { code: 'JSONRPC.LISTEN_FAILED'; address: string; reason: string }
  | { code: 'JSONRPC.NOT_JSON' }
  | { code: 'JSONRPC.INVALID_REQUEST'; reason: string }
  | { code: 'JSONRPC.BATCH_TOO_LONG'; limit: number }
  | { code: 'JSONRPC.METHOD_NOT_FOUND'; method: string; reason: string | undefined }
  | { code: 'JSONRPC.INVALID_PARAMS'; param: string; reason: string }
  | { code: 'JSONRPC.NO_HEAD' }
  | { code: 'JSONRPC.BLOCK_PRUNED'; tail: number }
  | { code: 'JSONRPC.NO_POOL' }
  | { code: 'JSONRPC.TRANSACTION_REFUSED'; reason: string }
  | { code: 'JSONRPC.TOO_MANY_SUBSCRIPTIONS'; limit: number }
  | { code: 'JSONRPC.CLIENT_GONE' }
  | { code: 'JSONRPC.BUSY' }
  | { code: 'JSONRPC.REPLY_TOO_LARGE'; maxBytes: number };

/** Everything that JSON-RPC can fail with; texts as the Go client's where it has one (protocol.md 10). */
export class JsonRpcError extends AppError<JsonRpcErrorDetail> {
  constructor(detail: JsonRpcErrorDetail, cause?: unknown) {
    super(detail, messageOf(detail), cause);
  }
}

const INVALID_REQUEST = -32_600;
const METHOD_NOT_FOUND = -32_601;
const INVALID_PARAMS = -32_602;
const INTERNAL_ERROR = -32_603;
const LIMIT_EXCEEDED = -32_005;
const PRUNED_HISTORY = 4_444;

/** What is said of a failure that is none of the caller's business; the log has the rest. */
export const INTERNAL = { code: INTERNAL_ERROR, message: 'Internal error' } as const;

/**
 * The number that stands in the reply.
 * @see polygon-edge@597a0f3 jsonrpc/errors.go
 * @remarks Differs: limits and pruned blocks, which the Go client does not know, have the numbers of EIP-1474 and EIP-4444.
 */
export function numberFor(detail: JsonRpcErrorDetail): number {
  switch (detail.code) {
    case 'JSONRPC.NOT_JSON':
    case 'JSONRPC.INVALID_REQUEST':
    case 'JSONRPC.BATCH_TOO_LONG':
    case 'JSONRPC.NO_HEAD':
    case 'JSONRPC.NO_POOL':
    case 'JSONRPC.TRANSACTION_REFUSED':
      return INVALID_REQUEST;
    case 'JSONRPC.METHOD_NOT_FOUND':
      return METHOD_NOT_FOUND;
    case 'JSONRPC.INVALID_PARAMS':
      return INVALID_PARAMS;
    case 'JSONRPC.BLOCK_PRUNED':
      return PRUNED_HISTORY;
    case 'JSONRPC.TOO_MANY_SUBSCRIPTIONS':
    case 'JSONRPC.BUSY':
    case 'JSONRPC.REPLY_TOO_LARGE':
      return LIMIT_EXCEEDED;
    case 'JSONRPC.CLIENT_GONE':
    case 'JSONRPC.PORT_TAKEN':
    case 'JSONRPC.LISTEN_FAILED':
      return INTERNAL_ERROR;
    default:
      return assertNever(detail);
  }
}

function messageOf(detail: JsonRpcErrorDetail): string {
  switch (detail.code) {
    case 'JSONRPC.PORT_TAKEN':
      return `--jsonrpc: ${detail.address} is in use by another process`;
    case 'JSONRPC.LISTEN_FAILED':
      return `--jsonrpc: cannot listen on ${detail.address}: ${detail.reason}`;
    case 'JSONRPC.NOT_JSON':
      return 'Invalid json request';
    case 'JSONRPC.INVALID_REQUEST':
      return `Invalid json request: ${detail.reason}`;
    case 'JSONRPC.BATCH_TOO_LONG':
      return 'Batch request length too long';
    case 'JSONRPC.METHOD_NOT_FOUND': {
      const text = `the method ${detail.method} does not exist/is not available`;
      return detail.reason === undefined ? text : `${text}: ${detail.reason}`;
    }
    case 'JSONRPC.INVALID_PARAMS':
      return `Invalid Params: ${detail.param} ${detail.reason}`;
    case 'JSONRPC.NO_HEAD':
      return 'the genesis block is not known yet';
    case 'JSONRPC.BLOCK_PRUNED':
      return `pruned history unavailable: the oldest block kept here is ${detail.tail}`;
    case 'JSONRPC.NO_POOL':
      return 'transactions are not taken: this node has no transaction pool';
    case 'JSONRPC.TRANSACTION_REFUSED':
      return detail.reason;
    case 'JSONRPC.TOO_MANY_SUBSCRIPTIONS':
      return `more than ${detail.limit} subscriptions on one connection`;
    case 'JSONRPC.CLIENT_GONE':
      return 'the client is gone';
    case 'JSONRPC.BUSY':
      return 'request limit exceeded';
    case 'JSONRPC.REPLY_TOO_LARGE':
      return `the reply would have more than ${detail.maxBytes} bytes`;
    default:
      return assertNever(detail);
  }
}
