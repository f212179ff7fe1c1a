import { ConnectError } from '@connectrpc/connect';
import type { TcpAddress } from '../config/address.js';
import { RpcError, rpcErrorOf } from './rpc-error.js';

export interface ReadingEvents {
  /** Ends the reading without an error. */
  readonly signal: AbortSignal;
  readonly address: TcpAddress;
}

/**
 * Shows each event of a stream until it ends or is interrupted.
 * @throws {RpcError} with the Go client's text when the stream fails
 */
export async function readEvents<T>(
  events: AsyncIterable<T>,
  { signal, address: { host, port } }: ReadingEvents,
  show: (event: T) => void | Promise<void>,
): Promise<void> {
  try {
    for await (const event of events) await show(event);
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof ConnectError)) throw error;
    const failure = rpcErrorOf(error, `${host}:${port}`);
    throw new RpcError(`failed to read event: ${failure instanceof Error ? failure.message : error.message}`);
  }
}
