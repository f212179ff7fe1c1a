import { Code, ConnectError } from '@connectrpc/connect';
import { osErrorCode } from '../common/os-error.js';

/** A call to the node that failed; the message is the Go client's. */
export class RpcError extends Error {}

const DIAL_FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  ECONNRESET: 'connect: connection reset by peer',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
};

/** Somebody answers there, but no operator port as it was called. */
const HANDSHAKE_FAILURES: Readonly<Record<string, (address: string) => string>> = {
  ERR_HTTP2_ERROR: (address) =>
    `error reading server preface: what answers at ${address} speaks no HTTP/2: is it a node's operator port, without TLS?`,
  ERR_SSL_WRONG_VERSION_NUMBER: (address) =>
    `transport: authentication handshake failed: what answers at ${address} speaks no TLS: is it a node's operator port, with TLS?`,
};

/**
 * A failed call as Go's client prints it: `rpc error: code = Unavailable desc = …`.
 * Anything but an error of a call is given back as it is.
 */
export function rpcErrorOf(error: unknown, address: string): unknown {
  if (!(error instanceof ConnectError)) return error;
  return new RpcError(`rpc error: ${textOf(error, address)}`, { cause: error });
}

function textOf(error: ConnectError, address: string): string {
  if (isConnectionLost(error)) return `code = Unavailable desc = connection to ${address} lost`;
  const fault = connectionFault(error.cause, address);
  return fault === undefined
    ? status(error)
    : `code = Unavailable desc = connection error: desc = "${fault}"`;
}

function connectionFault(cause: unknown, address: string): string | undefined {
  const handshake = HANDSHAKE_FAILURES[osErrorCode(cause) ?? ''];
  if (handshake !== undefined) return handshake(address);
  const dial = dialFailure(cause, address);
  return dial === undefined ? undefined : `transport: Error while dialing: ${dial}`;
}

/** Streams of a connection that ends are closed as cancelled; a call that we cancel ourselves prints nothing. */
function isConnectionLost({ code, rawMessage, cause }: ConnectError): boolean {
  // The library tells it from a status of the node by nothing but its text.
  if (code === Code.Canceled) return rawMessage.startsWith('http/2 stream closed');
  const syscall = cause instanceof Object && 'syscall' in cause ? cause.syscall : undefined;
  return syscall === 'read' || syscall === 'write';
}

function status({ code, rawMessage }: ConnectError): string {
  return `code = ${Code[code]} desc = ${rawMessage}`;
}

function dialFailure(cause: unknown, address: string): string | undefined {
  const failed = firstAttempt(cause);
  const code = osErrorCode(failed);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `dial tcp: lookup ${address.slice(0, address.lastIndexOf(':'))}: no such host`;
  }
  const reason = DIAL_FAILURES[code ?? ''];
  return reason === undefined ? undefined : `dial tcp ${target(failed) ?? address}: ${reason}`;
}

/** A name with several addresses fails with all of their errors in one. */
function firstAttempt(cause: unknown): unknown {
  return cause instanceof Object && 'errors' in cause && Array.isArray(cause.errors)
    ? cause.errors[0]
    : cause;
}

function target(failed: unknown): string | undefined {
  if (!(typeof failed === 'object' && failed !== null && 'address' in failed && 'port' in failed))
    return undefined;
  const host = String(failed.address);
  return `${host.includes(':') ? `[${host}]` : host}:${failed.port}`;
}
