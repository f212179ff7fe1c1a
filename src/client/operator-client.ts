import type { DescService } from '@bufbuild/protobuf';
import { type Client, createClient } from '@connectrpc/connect';
import { type Clock, SystemClock } from '../common/clock.js';
import { type OperatorTls, operatorConnection } from './operator-connection.js';

const TIMEOUT_MS = 10_000;

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
  const { address, tls, token, timeoutMs = TIMEOUT_MS, clock = new SystemClock() } = options;
  checkAddress(address);
  const { transport, session } = operatorConnection({ address, tls, token, timeoutMs, clock });
  return {
    service: (service) => createClient(service, transport),
    close: () => session.abort(),
  };
}

function checkAddress(address: string): void {
  const isAddress = /^(\[[0-9a-f:.%]+\]|[^\s:/?#@[\]]+):\d{1,5}$/i.test(address);
  if (!isAddress)
    throw new TypeError(`not an operator address, expected host:port: ${JSON.stringify(address)}`);
}
