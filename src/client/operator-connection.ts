import { Code, ConnectError, type Interceptor, type Transport } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { type Clock, withDeadline } from '../common/clock.js';
import { OperatorSession } from './operator-session.js';

/** A chunk of Export, or the largest block that a node can be told to take. */
const MAX_MESSAGE_BYTES = 65 * 1_024 * 1_024;
/** A stream may be silent for hours on an idle chain. Go's server takes no more than one ping in 5 minutes. */
const PING_INTERVAL_MS = 6 * 60_000;

/** PEM texts, as Node's `tls` takes them. */
export interface OperatorTls {
  /** Who signed the node's certificate; none: the authorities that Node knows. */
  readonly ca?: string | Buffer;
  /** The caller's own certificate and its key, where the node asks for one. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
}

export interface OperatorConnectionOptions {
  /** `host:port`. */
  readonly address: string;
  /** None: plaintext, which a node serves on loopback. */
  readonly tls?: OperatorTls | undefined;
  /** Sent with every call as a bearer token. */
  readonly token?: string | undefined;
  /** Longest wait for the answer of a unary call. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

export interface OperatorConnection {
  readonly transport: Transport;
  /** The HTTP/2 connection under it; `abort` closes it. */
  readonly session: OperatorSession;
}

/**
 * How a node's operator port is reached over gRPC; nothing is sent before the first call.
 * @throws {TypeError} when the address makes no URL
 */
export function operatorConnection(options: OperatorConnectionOptions): OperatorConnection {
  const { address, tls, token, timeoutMs, clock } = options;
  const baseUrl = new URL(`${tls === undefined ? 'http' : 'https'}://${address}`).origin;
  const session = new OperatorSession(baseUrl, { pingIntervalMs: PING_INTERVAL_MS }, tls);
  const transport = createGrpcTransport({
    baseUrl,
    sessionManager: session,
    readMaxBytes: MAX_MESSAGE_BYTES,
    interceptors: [...(token === undefined ? [] : [withToken(token)]), withTimeout(clock, timeoutMs)],
  });
  return { transport, session };
}

function withToken(token: string): Interceptor {
  return (next) => (request) => {
    request.header.set('authorization', `Bearer ${token}`);
    return next(request);
  };
}

/** Connect's own timeout would go by the system's clock. */
function withTimeout(clock: Clock, timeoutMs: number): Interceptor {
  const onTimeout = () => new ConnectError('context deadline exceeded', Code.DeadlineExceeded);
  return (next) => (request) =>
    request.stream ? next(request) : withDeadline(clock, { timeoutMs, onTimeout }, () => next(request));
}
