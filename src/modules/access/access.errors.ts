import { AppError, assertNever } from '../../common/app-error.js';
import type { Role } from './ports/access.port.js';

/** What a limit counts by: one address, one identity, or the whole node. */
export type LimitScope = 'address' | 'identity' | 'node';

export type AccessErrorDetail =
  | { code: 'ACCESS.UNAUTHENTICATED'; reason: 'token unknown' | 'no credentials' }
  | { code: 'ACCESS.TOO_MANY_FAILURES'; waitMs: number }
  | { code: 'ACCESS.FORBIDDEN'; path: string; role: Role; needed: Role }
  | { code: 'ACCESS.TOKEN_NEEDED'; path: string }
  | { code: 'ACCESS.RATE_LIMITED'; callsPerSecond: number; waitMs: number }
  | { code: 'ACCESS.TOO_MANY_CALLS'; limit: number }
  | { code: 'ACCESS.TOO_MANY_STREAMS'; scope: LimitScope; limit: number }
  | { code: 'ACCESS.TOO_MANY_CONNECTIONS'; scope: LimitScope; limit: number }
  | { code: 'ACCESS.HANDSHAKE_FAILED'; reason: string }
  | { code: 'ACCESS.PAGE_REFUSED'; reason: string }
  | { code: 'ACCESS.PLAINTEXT_EXPOSED'; host: string }
  | { code: 'ACCESS.TOKEN_FILE'; path: string; reason: string };

/** Everything that calling the operator API, or setting up who may, can fail with. */
export class AccessError extends AppError<AccessErrorDetail> {
  constructor(detail: AccessErrorDetail, cause?: unknown) {
    super(detail, messageOf(detail), cause);
  }
}

function messageOf(detail: AccessErrorDetail): string {
  switch (detail.code) {
    case 'ACCESS.UNAUTHENTICATED':
      return detail.reason === 'token unknown'
        ? 'the token is not known to this node'
        : 'a token or a client certificate is needed';
    case 'ACCESS.TOO_MANY_FAILURES':
      return `too many failed attempts: wait ${detail.waitMs} ms`;
    case 'ACCESS.FORBIDDEN':
      return `${detail.path} needs the role ${detail.needed}, yours is ${detail.role}`;
    case 'ACCESS.TOKEN_NEEDED':
      return `${detail.path} changes the node: from a web page it needs a token`;
    case 'ACCESS.RATE_LIMITED':
      return `more than ${detail.callsPerSecond} calls a second: wait ${detail.waitMs} ms`;
    case 'ACCESS.TOO_MANY_CALLS':
      return `no more than ${detail.limit} calls at a time of one identity`;
    case 'ACCESS.TOO_MANY_STREAMS':
      return `no more than ${detail.limit} streams ${ofScope(detail.scope)}`;
    case 'ACCESS.TOO_MANY_CONNECTIONS':
      return `no more than ${detail.limit} connections ${ofScope(detail.scope)}`;
    case 'ACCESS.HANDSHAKE_FAILED':
      return `no TLS connection: ${detail.reason}`;
    case 'ACCESS.PAGE_REFUSED':
      return detail.reason;
    case 'ACCESS.PLAINTEXT_EXPOSED':
      return `the operator API on ${detail.host} would be open to the network in plaintext: give it a certificate (--grpc-tls-cert, --grpc-tls-key), or allow it expressly (--grpc-insecure-remote)`;
    case 'ACCESS.TOKEN_FILE':
      return `token file ${detail.path}: ${detail.reason}`;
    default:
      return assertNever(detail);
  }
}

function ofScope(scope: LimitScope): string {
  return scope === 'node' ? 'in all' : `of one ${scope}`;
}
