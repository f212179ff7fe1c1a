import type { DescService } from '@bufbuild/protobuf';
import { type Client, Code, ConnectError, createClient, type Interceptor } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { type Clock, SystemClock, withDeadline } from '../common/clock.js';

const TIMEOUT_MS = 10_000;
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

export interface OperatorClientOptions {
  /** `host:port`, with `[` and `]` around an IPv6 address. */
  readonly address: string;
  /** None: plaintext, which a node serves on loopback. */
  readonly tls?: OperatorTls;
  /** Sent with every call as a bearer token. */
  readonly token?: string;
  /** Longest wait for the answer of a unary call; streams are bounded by the signal that each call may be given. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

export interface OperatorClient {
  /**
   * The methods of one service: `client.service(System).getStatus({})`. Unary ones give a promise, streaming ones an
   * async iterable; what fails is a `ConnectError` with a code of gRPC.
   */
  service<S extends DescService>(service: S): Client<S>;
  /** Closes the connection; calls under way fail. The next call would open a new one. */
  close(): void;
}

/**
 * A client of a node's operator port. It connects with the first call, and again after a connection is lost.
 * @throws {TypeError} when the address is none
 */
export function createOperatorClient(options: OperatorClientOptions): OperatorClient {
  const { tls, token, timeoutMs = TIMEOUT_MS, clock = new SystemClock() } = options;
  const baseUrl = baseUrlOf(options);
  const sessionManager = new Http2SessionManager(baseUrl, { pingIntervalMs: PING_INTERVAL_MS }, tls);
  const transport = createGrpcTransport({
    baseUrl,
    sessionManager,
    readMaxBytes: MAX_MESSAGE_BYTES,
    interceptors: [...(token === undefined ? [] : [withToken(token)]), withTimeout(clock, timeoutMs)],
  });
  return {
    service: (service) => createClient(service, transport),
    close: () => sessionManager.abort(),
  };
}

function baseUrlOf({ address, tls }: OperatorClientOptions): string {
  const isAddress = /^(\[[0-9a-f:.%]+\]|[^\s:/?#@[\]]+):\d{1,5}$/i.test(address);
  if (!isAddress)
    throw new TypeError(`not an operator address, expected host:port: ${JSON.stringify(address)}`);
  return new URL(`${tls === undefined ? 'http' : 'https'}://${address}`).origin;
}

function withToken(token: string): Interceptor {
  return (next) => (request) => {
    request.header.set('authorization', `Bearer ${token}`);
    return next(request);
  };
}

function withTimeout(clock: Clock, timeoutMs: number): Interceptor {
  const onTimeout = () => new ConnectError('context deadline exceeded', Code.DeadlineExceeded);
  return (next) => (request) =>
    request.stream ? next(request) : withDeadline(clock, { timeoutMs, onTimeout }, () => next(request));
}
