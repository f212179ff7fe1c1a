import { errorText } from '../../../../common/app-error.js';
import { NetworkError } from '../../network.errors.js';
import type { PeerId, ProtocolId } from '../../ports/types.js';

/** Names under which libp2p says that there is no connection to open a stream on. */
const CONNECTION_GONE: ReadonlySet<string> = new Set([
  'ConnectionClosedError',
  'MuxerClosedError',
  'NotStartedError',
]);

/** The one place where failures of a dial become ours. Our own errors pass. */
export function dialError(error: unknown, peerId: PeerId): NetworkError {
  if (error instanceof NetworkError) return error;
  return new NetworkError({ code: 'NETWORK.DIAL_FAILED', peerId, reason: errorText(error) }, error);
}

/** The one place where failures to open a stream become ours. Our own errors pass. */
export function streamError(error: unknown, peerId: PeerId, protocol: ProtocolId): NetworkError {
  if (error instanceof NetworkError) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'UnsupportedProtocolError') {
    return new NetworkError({ code: 'NETWORK.PROTOCOL_UNSUPPORTED', peerId, protocol }, error);
  }
  if (CONNECTION_GONE.has(name)) return new NetworkError({ code: 'NETWORK.NOT_CONNECTED', peerId }, error);
  return new NetworkError(
    { code: 'NETWORK.STREAM_FAILED', peerId, protocol, reason: errorText(error) },
    error,
  );
}

/** @param address What we tried to listen on. */
export function listenError(error: unknown, address: string): NetworkError {
  // libp2p puts the listeners' stacks into its message; the first line with a reason is what an operator needs.
  const text = error instanceof Error ? error.message : String(error);
  const reason = /\b(E[A-Z]{3,}[^\n]*)/.exec(text)?.[1] ?? text;
  return new NetworkError({ code: 'NETWORK.LISTEN_FAILED', address, reason: errorText(reason) }, error);
}

/** @param topic Where we tried to publish. */
export function publishError(error: unknown, topic: string): NetworkError {
  return new NetworkError({ code: 'NETWORK.PUBLISH_FAILED', topic, reason: errorText(error) }, error);
}
