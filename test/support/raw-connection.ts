import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection to loopback, for bytes that no client would send. All addresses of 127.0.0.0/8 are there to come from. */
export async function rawConnection(port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  await once(socket, 'connect');
  return socket;
}

export async function textUntilClosed(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  await once(socket, 'close');
  return text;
}
