import type { DescService } from '@bufbuild/protobuf';
import { type Client, Code, ConnectError, createClient } from '@connectrpc/connect';
import { type OperatorConnection, operatorConnection } from '../client/operator-connection.js';
import { type Clock, withDeadline } from '../common/clock.js';
import type { OperatorEndpoint } from '../config/operator-address.js';
import type { System } from '../gen/v1/system_pb.js';
import { rpcErrorOf } from './rpc-error.js';

/** Longest wait for a connection and for the answer of a unary call; the Go client waits for ever. */
const TIMEOUT_MS = 10_000;

export type OperatorClient = Client<typeof System>;

/**
 * Runs `work` with a client of a service of the node at `address` and closes the connection after it.
 * Unary calls end after `timeoutMs`; streams are bounded by the signals that `work` gives them.
 * @throws {RpcError} with the Go client's text when the node cannot be reached or refuses
 */
export async function withService<S extends DescService, T>(
  service: S,
  { host, port, token, tls }: OperatorEndpoint,
  clock: Clock,
  work: (client: Client<S>) => Promise<T>,
  timeoutMs = TIMEOUT_MS,
): Promise<T> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const options = { address, tls, token, timeoutMs, clock };
  const { transport, session } = operatorConnection(options);
  try {
    await connect(session, address, clock);
    return await work(createClient(service, transport));
  } catch (error) {
    throw rpcErrorOf(error, address);
  } finally {
    session.abort();
  }
}

async function connect(session: OperatorConnection['session'], address: string, clock: Clock): Promise<void> {
  const timedOut = () => new ConnectError(`dial tcp ${address}: i/o timeout`, Code.Unavailable);
  const deadline = { timeoutMs: TIMEOUT_MS, onTimeout: timedOut };
  const state = await withDeadline(clock, deadline, () => session.connect());
  if (state === 'error') throw ConnectError.from(session.error(), Code.Unavailable);
}
