import type { Duplex } from 'node:stream';
import { type Clock, withDeadline } from '../../../../common/clock.js';
import type { ResourceLedger } from '../../limits/resource-ledger.js';
import { NetworkError } from '../../network.errors.js';
import type { ProtocolId } from '../../ports/types.js';
import type { ConnectionEntry } from './connection-table.js';
import { streamError } from './libp2p-errors.js';
import { StreamDuplex } from './stream-duplex.js';

/** Longest that opening a stream may take, ms; the peer has to answer the negotiation once. */
const OPEN_STREAM_TIMEOUT_MS = 10_000;

export interface OpenStreamOptions {
  readonly clock: Clock;
  readonly ledger: ResourceLedger;
  /** Streams of the protocol that may be open on the connection. */
  readonly maxStreams: number;
  readonly signal: AbortSignal;
}

/**
 * Opens a stream of ours on a connection.
 * @throws {NetworkError} NETWORK.NOT_CONNECTED | NETWORK.PROTOCOL_UNSUPPORTED | NETWORK.STREAM_FAILED | NETWORK.CANCELLED
 */
export async function openStream(
  { raw, connection: { peerId } }: ConnectionEntry,
  protocol: ProtocolId,
  { clock, ledger, maxStreams, signal }: OpenStreamOptions,
): Promise<Duplex> {
  const reason = `no answer within ${OPEN_STREAM_TIMEOUT_MS} ms`;
  const onTimeout = () => new NetworkError({ code: 'NETWORK.STREAM_FAILED', peerId, protocol, reason });
  try {
    return await withDeadline(
      clock,
      { timeoutMs: OPEN_STREAM_TIMEOUT_MS, signal, onTimeout },
      async (until) => {
        const stream = await raw.newStream([protocol], { signal: until, maxOutboundStreams: maxStreams });
        if (until.aborted) stream.abort(new Error('opened too late'));
        return new StreamDuplex(stream, ledger.reserve('memory', 0, { peerId, protocol }));
      },
    );
  } catch (error) {
    if (signal.aborted) throw new NetworkError({ code: 'NETWORK.CANCELLED' }, error);
    throw streamError(error, peerId, protocol);
  }
}
