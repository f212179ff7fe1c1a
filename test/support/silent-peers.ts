import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { dial, listen } from '../attack/wire/connection.js';
import { type Identity, secp256k1Identity } from '../attack/wire/identity.js';
import { answerProposals, Inbox, proposal, readAgreement } from '../attack/wire/inbox.js';
import { noiseHandshake } from '../attack/wire/noise.js';

/** Where a peer falls silent: what is named is the first thing that it does not do. */
export type SilentStage = 'multistream' | 'noise' | 'yamux' | 'hello';

export const SILENT_STAGES: readonly SilentStage[] = ['multistream', 'noise', 'yamux', 'hello'];

/** Takes the stream of a Hello, which is all. */
const UNANSWERED = new Map([['/id/0.1', (stream: { resume(): unknown }) => void stream.resume()]]);

export interface SilentListener {
  /** Multiaddr with `/p2p`. */
  readonly address: string;
  close(): void;
}

/** Takes connections up to a stage. */
export async function silentListener(stage: SilentStage): Promise<SilentListener> {
  const identity = secp256k1Identity();
  const addressAt = (port: number) => `/ip4/127.0.0.1/tcp/${port}/p2p/${identity.peerId}`;
  if (stage === 'hello') {
    const links = new Set<Socket>();
    const { server, port } = await listen(
      '127.0.0.1',
      { identity, handlers: UNANSWERED },
      (_yamux, { socket }) => links.add(socket),
    );
    const close = () => {
      server.close();
      for (const socket of links) socket.destroy();
    };
    return { address: addressAt(port), close };
  }
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    goUntil(stage, socket, identity, false).catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { address: addressAt((server.address() as AddressInfo).port), close };
}

/** Connects to a node and goes up to a stage. @returns what closes the connection */
export async function silentDialer(port: number, stage: SilentStage): Promise<() => void> {
  const identity = secp256k1Identity();
  if (stage === 'hello') {
    const { connection } = await dial({ identity, port, handlers: UNANSWERED });
    return () => connection.socket.destroy();
  }
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  await once(socket, 'connect');
  await goUntil(stage, socket, identity, true);
  return () => socket.destroy();
}

async function goUntil(
  stage: SilentStage,
  socket: Socket,
  identity: Identity,
  isInitiator: boolean,
): Promise<void> {
  if (stage === 'multistream') return;
  const inbox = new Inbox();
  const write = (bytes: Buffer) => void socket.write(bytes);
  socket.on('data', (bytes: Buffer) => inbox.push(bytes));
  socket.once('close', () => inbox.end(new Error('closed')));
  if (isInitiator) {
    write(proposal('/noise'));
    await readAgreement(inbox, '/noise');
  } else {
    await answerProposals(inbox, write, (wanted) => wanted === '/noise');
  }
  if (stage === 'yamux') await noiseHandshake({ inbox, identity, write }, isInitiator);
}
