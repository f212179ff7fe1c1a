import type { Server } from 'node:net';
import { type Connection, type DialOptions, dial, listen } from './connection.js';
import { bytesField, lengthPrefixed, numberField, tcpAddressBytes } from './encoding.js';
import { call, type GrpcHandler, grpcClient, type Reply, serveGrpc } from './grpc.js';
import { type Identity, secp256k1Identity } from './identity.js';
import type { YamuxSession, YamuxStream } from './yamux.js';

/** The chain of the recorded network that the victim is on. */
const CHAIN_ID = 4_101;
export const Paths = {
  hello: '/v1.Identity/Hello',
  findPeers: '/v1.Discovery/FindPeers',
  getStatus: '/v1.SyncPeer/GetStatus',
  getBlocks: '/v1.SyncPeer/GetBlocks',
} as const;
export const Protocols = {
  identity: '/id/0.1',
  discovery: '/disc/0.1',
  sync: '/syncer/0.2',
  gossip: '/meshsub/1.1.0',
  identify: '/ipfs/id/1.0.0',
  identifyPush: '/ipfs/id/push/1.0.0',
  ping: '/ipfs/ping/1.0.0',
} as const;
/** The protocol that carries each method. */
const PROTOCOL_OF: Readonly<Record<string, string>> = {
  [Paths.hello]: Protocols.identity,
  [Paths.findPeers]: Protocols.discovery,
  [Paths.getStatus]: Protocols.sync,
  [Paths.getBlocks]: Protocols.sync,
};

export interface PeerOptions {
  readonly identity?: Identity;
  /** Answers beside that to Hello, or instead of it. */
  readonly answers?: Readonly<Record<string, GrpcHandler>>;
  /** What identify tells, instead of the usual. */
  readonly identify?: () => Buffer;
  readonly givesWindow?: boolean;
}

export interface Link {
  readonly connection: Connection;
  readonly yamux: YamuxSession;
}

/** A peer on our own small stack: as honest or as wicked as its answers are. */
export class WirePeer {
  readonly identity: Identity;
  readonly links = new Set<Link>();
  #server: Server | undefined;
  #listening: { host: string; port: number } | undefined;
  readonly #givesWindow: boolean;
  readonly #handlers: ReadonlyMap<string, (stream: YamuxStream) => void>;

  constructor({
    identity = secp256k1Identity(),
    answers = {},
    identify,
    givesWindow = true,
  }: PeerOptions = {}) {
    this.identity = identity;
    this.#givesWindow = givesWindow;
    const served = new Map<string, GrpcHandler>(
      Object.entries({ [Paths.hello]: () => [helloStatus(identity)], ...answers }),
    );
    const grpc = (stream: YamuxStream) => serveGrpc(stream, served);
    const protocols = new Set(['/id/0.1', ...[...served.keys()].map((path) => PROTOCOL_OF[path] ?? '')]);
    const tellIdentify = (stream: YamuxStream) =>
      stream.end(identify?.() ?? identifyMessage([...protocols, Protocols.gossip], this.#addresses()));
    this.#handlers = new Map<string, (stream: YamuxStream) => void>([
      ...[...protocols].map((protocol) => [protocol, grpc] as const),
      [Protocols.identify, tellIdentify],
      [Protocols.gossip, (stream) => stream.resume()],
      [Protocols.ping, (stream) => stream.pipe(stream)],
    ]);
  }

  async dial(to: Omit<DialOptions, 'identity'>): Promise<Link> {
    const options = { identity: this.identity, handlers: this.#handlers, givesWindow: this.#givesWindow };
    return this.#keep(await dial({ ...options, ...to }));
  }

  /** @returns the multiaddr, with `/p2p` */
  async listen(host: string): Promise<string> {
    const options = { identity: this.identity, handlers: this.#handlers };
    const onConnection = (yamux: YamuxSession, connection: Connection) => this.#keep({ yamux, connection });
    const { server, port } = await listen(host, options, onConnection);
    this.#server = server;
    this.#listening = { host, port };
    return `/ip4/${host}/tcp/${port}/p2p/${this.identity.peerId}`;
  }

  close(): void {
    this.#server?.close();
    for (const { connection } of this.links) connection.socket.destroy();
  }

  #keep<L extends Link>(link: L): L {
    this.links.add(link);
    void link.connection.closed.then(() => this.links.delete(link));
    return link;
  }

  #addresses(): Buffer[] {
    return this.#listening ? [tcpAddressBytes(this.#listening.host, this.#listening.port)] : [];
  }
}

/** One call on a stream of its own. */
export async function callOnce(
  { yamux }: Link,
  path: string,
  request: Uint8Array,
  options: { body?: Uint8Array; headers?: Record<string, string>; timeoutMs?: number } = {},
): Promise<Reply> {
  const stream = yamux.open(PROTOCOL_OF[path] ?? '');
  const session = grpcClient(stream);
  const reply = await call(session, request, { path, ...options });
  session.destroy();
  stream.destroy();
  return reply;
}

/** A Status of the handshake. */
export function helloStatus({ peerId }: Identity): Buffer {
  const metadata = Buffer.concat([bytesField(1, 'peerID'), bytesField(2, peerId)]);
  return Buffer.concat([bytesField(1, metadata), numberField(3, CHAIN_ID)]);
}

/** A whole Identify message with its length. */
export function identifyMessage(protocols: readonly string[], addresses: readonly Buffer[]): Buffer {
  return lengthPrefixed(
    Buffer.concat([
      ...addresses.map((address) => bytesField(2, address)),
      ...protocols.map((protocol) => bytesField(3, protocol)),
      bytesField(6, 'attacker'),
    ]),
  );
}

/** A request for the peers near oneself. */
export const FIND_PEERS_REQUEST = numberField(2, 16);
