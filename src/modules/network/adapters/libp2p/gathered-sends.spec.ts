import { once } from 'node:events';
import { type AddressInfo, connect, createServer, Socket } from 'node:net';
import { setImmediate as macrotask } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { aHostContext } from '../../../../../test/support/host-context.js';
import { testPeerId } from '../../../../../test/support/peer-ids.js';
import { gatherSends } from './gathered-sends.js';
import { createLibp2pNode } from './libp2p-node.js';
import { withoutPeerId } from './multiaddrs.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A connection as libp2p's TCP has it, as far as it matters here. */
class FakeConnection {
  readonly #socket: Socket;

  constructor(readonly socket: Socket) {
    this.#socket = socket;
  }

  send(data: Iterable<Uint8Array>): boolean {
    return [...data].every((part) => this.#socket.write(part));
  }
}

async function connectedSocket(): Promise<Socket> {
  const server = createServer((peer) => void peer.resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  cleanups.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

async function startedNode(n: number) {
  const node = await createLibp2pNode(aHostContext(n));
  await node.libp2p.start();
  cleanups.push(() => node.libp2p.stop());
  return node;
}

describe('gatherSends', () => {
  it('lets what is sent in one turn leave together', async () => {
    const socket = await connectedSocket();
    const connection = gatherSends(new FakeConnection(socket) as never) as unknown as FakeConnection;
    connection.send([Buffer.from('length'), Buffer.from('text')]);
    connection.send([Buffer.from('more')]);
    expect([socket.writableCorked, socket.bytesWritten, socket.writableLength]).toEqual([1, 14, 14]);
    await macrotask();
    expect([socket.writableCorked, socket.writableLength]).toEqual([0, 0]);
    connection.send([Buffer.from('next turn')]);
    expect(socket.writableCorked).toBe(1);
  });

  it('says when the socket is full', async () => {
    const socket = await connectedSocket();
    const connection = gatherSends(new FakeConnection(socket) as never) as unknown as FakeConnection;
    expect(connection.send([Buffer.alloc(socket.writableHighWaterMark - 1)])).toBe(true);
    expect(connection.send([Buffer.alloc(1)])).toBe(false);
  });

  it('leaves a connection without a socket as it is', () => {
    const send = () => true;
    expect(gatherSends({ send }).send).toBe(send);
  });

  it('finds the sockets of both ends of a libp2p connection', async () => {
    const [a, b] = [await startedNode(1), await startedNode(2)];
    const corked = new Set<Socket>();
    const cork = Socket.prototype.cork;
    jest.spyOn(Socket.prototype, 'cork').mockImplementation(function (this: Socket) {
      corked.add(this);
      cork.call(this);
    });
    const [address] = b.libp2p.getMultiaddrs();
    if (address === undefined) throw new Error('b does not listen');
    await a.dial(withoutPeerId(address), testPeerId(2), AbortSignal.timeout(5_000));
    expect(corked.size).toBe(2);
    expect([...corked].map(({ writableHighWaterMark }) => writableHighWaterMark)).toEqual([262_144, 262_144]);
  });
});
