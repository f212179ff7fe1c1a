import type { DescService } from '@bufbuild/protobuf';
import { type Client, Code, ConnectError, createClient, type Interceptor } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { type Clock, withDeadline } from '../common/clock.js';
import type { OperatorEndpoint } from '../config/operator-address.js';
import { Node } from '../gen/edgekeeper/v1/node_pb.js';
import { Peers } from '../gen/edgekeeper/v1/peers_pb.js';
import { IbftOperator } from '../gen/v1/ibft_operator_pb.js';
import { System } from '../gen/v1/system_pb.js';
import { TxnPoolOperator } from '../gen/v1/txpool_operator_pb.js';
import { rpcErrorOf } from './rpc-error.js';

/** Longest wait for a connection and for the answer of a unary call; the Go client waits for ever. */
const TIMEOUT_MS = 10_000;
/** A stream may be silent for hours on an idle chain. Go's server takes no more than one ping in 5 minutes. */
const PING_INTERVAL_MS = 6 * 60_000;
/** A chunk of Export, or the largest block that a node can be told to take. */
const MAX_MESSAGE_BYTES = 65 * 1_024 * 1_024;

export type OperatorClient = Client<typeof System>;
export type IbftOperatorClient = Client<typeof IbftOperator>;
type TxPoolOperatorClient = Client<typeof TxnPoolOperator>;
export type PeersClient = Client<typeof Peers>;

/** As {@link withService}, for the service that every node has. */
export function withOperator<T>(
  address: OperatorEndpoint,
  clock: Clock,
  work: (client: OperatorClient) => Promise<T>,
): Promise<T> {
  return withService(System, address, clock, work);
}

/** As {@link withService}, for votes on validators. */
export function withIbftOperator<T>(
  address: OperatorEndpoint,
  clock: Clock,
  work: (client: IbftOperatorClient) => Promise<T>,
): Promise<T> {
  return withService(IbftOperator, address, clock, work);
}

/** As {@link withService}, for transactions on their way into blocks. */
export function withTxPoolOperator<T>(
  address: OperatorEndpoint,
  clock: Clock,
  work: (client: TxPoolOperatorClient) => Promise<T>,
): Promise<T> {
  return withService(TxnPoolOperator, address, clock, work);
}

/** As {@link withService}, for control over peers. */
export function withPeers<T>(
  address: OperatorEndpoint,
  clock: Clock,
  work: (client: PeersClient) => Promise<T>,
): Promise<T> {
  return withService(Peers, address, clock, work);
}

/** As {@link withService}, for the node itself. */
export function withNode<T>(
  address: OperatorEndpoint,
  clock: Clock,
  work: (client: Client<typeof Node>) => Promise<T>,
): Promise<T> {
  return withService(Node, address, clock, work);
}

/**
 * Runs `work` with a client of a service of the node at `address` and closes the connection after it.
 * Unary calls end after 10 s; streams are bounded by the signals that `work` gives them.
 * @throws {RpcError} with the Go client's text when the node cannot be reached or refuses
 */
async function withService<S extends DescService, T>(
  service: S,
  { host, port, token, tls }: OperatorEndpoint,
  clock: Clock,
  work: (client: Client<S>) => Promise<T>,
): Promise<T> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const baseUrl = `${tls === undefined ? 'http' : 'https'}://${address}`;
  const sessionManager = new Http2SessionManager(baseUrl, { pingIntervalMs: PING_INTERVAL_MS }, tls);
  try {
    await connect(sessionManager, address, clock);
    const transport = createGrpcTransport({
      baseUrl,
      sessionManager,
      readMaxBytes: MAX_MESSAGE_BYTES,
      interceptors: [...(token === undefined ? [] : [withToken(token)]), withTimeout(clock)],
    });
    return await work(createClient(service, transport));
  } catch (error) {
    throw rpcErrorOf(error, address);
  } finally {
    sessionManager.abort();
  }
}

async function connect(sessionManager: Http2SessionManager, address: string, clock: Clock): Promise<void> {
  const timedOut = () => new ConnectError(`dial tcp ${address}: i/o timeout`, Code.Unavailable);
  const deadline = { timeoutMs: TIMEOUT_MS, onTimeout: timedOut };
  const state = await withDeadline(clock, deadline, () => sessionManager.connect());
  if (state === 'error') throw ConnectError.from(sessionManager.error(), Code.Unavailable);
}

function withToken(token: string): Interceptor {
  return (next) => (request) => {
    request.header.set('authorization', `Bearer ${token}`);
    return next(request);
  };
}

/** Connect's own timeout would go by the system's clock. */
function withTimeout(clock: Clock): Interceptor {
  const onTimeout = () => new ConnectError('context deadline exceeded', Code.DeadlineExceeded);
  return (next) => (request) =>
    request.stream
      ? next(request)
      : withDeadline(clock, { timeoutMs: TIMEOUT_MS, onTimeout }, () => next(request));
}
