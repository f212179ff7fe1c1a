import { Socket } from 'node:net';
import type { MessageStream } from '@libp2p/interface';

/**
 * Makes what is sent in one turn of the event loop leave in one system call. Noise hands each message over in four
 * pieces, most of them of a few bytes; one by one they would leave as four packets, each of which wakes the peer.
 * The socket asks its writers to wait as ever. A connection whose socket is not found stays as it is.
 */
export function gatherSends<Connection extends Pick<MessageStream, 'send'>>(
  connection: Connection,
): Connection {
  const { socket } = connection as { socket?: unknown };
  if (!(socket instanceof Socket)) return connection;
  const send = connection.send.bind(connection);
  let isGathering = false;
  connection.send = (data) => {
    if (!isGathering) {
      isGathering = true;
      socket.cork();
      setImmediate(() => {
        isGathering = false;
        socket.uncork();
      });
    }
    return send(data);
  };
  return connection;
}
