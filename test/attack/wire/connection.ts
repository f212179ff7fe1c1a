import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Identity } from './identity.js';
import { answerProposals, Inbox, proposal, readAgreement } from './inbox.js';
import { type NoiseChannel, noiseHandshake } from './noise.js';
import { type SecureLink, YamuxSession, type YamuxStream } from './yamux.js';

/** How far a connection is taken before its owner falls silent. */
export type Stage = 'tcp' | 'multistream' | 'noise' | 'yamux';

const DRAINED_BYTES = 1_024 * 1_024;

export interface ConnectionOptions {
  readonly identity: Identity;
  readonly handlers?: ReadonlyMap<string, (stream: YamuxStream) => void>;
  /** See YamuxOptions; true unless said otherwise. */
  readonly givesWindow?: boolean;
}

export interface DialOptions extends ConnectionOptions {
  readonly host?: string;
  readonly port: number;
  /** Address of 127.0.0.0/8 to come from. */
  readonly from?: string;
}

/** A TCP connection that becomes a libp2p connection stage by stage. */
export class Connection {
  readonly closed: Promise<void>;
  isClosed = false;
  readonly #raw = new Inbox();

  constructor(readonly socket: Socket) {
    socket.setNoDelay();
    socket.on('data', (bytes) => this.#raw.push(bytes));
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.isClosed = true;
        this.#raw.end(new Error('connection closed'));
        resolve();
      });
    });
  }

  /** Takes the connection up to Yamux. */
  async upgrade(options: ConnectionOptions, isInitiator: boolean): Promise<YamuxSession> {
    const write = (bytes: Buffer) => void this.socket.write(bytes);
    const { identity, handlers = new Map(), givesWindow = true } = options;
    await negotiate(this.#raw, write, '/noise', isInitiator);
    const channel = await noiseHandshake({ inbox: this.#raw, identity, write }, isInitiator);
    const link = this.#secure(channel);
    await negotiate(link.inbox, (bytes) => link.send(bytes), '/yamux/1.0.0', isInitiator);
    return new YamuxSession(link, { isClient: isInitiator, givesWindow, handlers });
  }

  /** Goes as far as that stage and leaves the other side waiting for the rest of it. */
  async stallAt(stage: Exclude<Stage, 'yamux'>): Promise<void> {
    if (stage === 'tcp') return;
    this.socket.write(proposal('/noise'));
    if (stage === 'noise') await readAgreement(this.#raw, '/noise');
  }

  #secure(channel: NoiseChannel): SecureLink {
    const inbox = new Inbox();
    this.#raw.flowTo((bytes) => {
      for (const opened of channel.open(bytes)) inbox.push(opened);
    });
    void this.closed.then(() => inbox.end(new Error('connection closed')));
    return {
      inbox,
      send: (bytes) => {
        if (!this.isClosed) this.socket.write(channel.seal(bytes));
      },
      drained: async () => {
        while (this.socket.writableLength > DRAINED_BYTES && !this.isClosed)
          await new Promise<void>((resolve) => {
            this.socket.once('drain', resolve);
            this.socket.once('close', resolve);
          });
      },
    };
  }
}

async function negotiate(
  inbox: Inbox,
  write: (bytes: Buffer) => void,
  protocol: string,
  isInitiator: boolean,
): Promise<void> {
  if (isInitiator) {
    write(proposal(protocol));
    await readAgreement(inbox, protocol);
  } else {
    await answerProposals(inbox, write, (wanted) => wanted === protocol);
  }
}

/** A TCP connection, from an address of our choice. */
export async function openTcp({
  host = '127.0.0.1',
  port,
  from,
}: Omit<DialOptions, 'identity'>): Promise<Connection> {
  const socket = connect({ host, port, ...(from && { localAddress: from }) });
  const connection = new Connection(socket);
  await Promise.race([once(socket, 'connect'), connection.closed]);
  if (connection.isClosed) throw new Error('not connected');
  return connection;
}

/** A libp2p connection as the side that dials. */
export async function dial(options: DialOptions): Promise<{ connection: Connection; yamux: YamuxSession }> {
  const connection = await openTcp(options);
  return { connection, yamux: await connection.upgrade(options, true) };
}

/** Takes libp2p connections on a free port of that address. */
export async function listen(
  host: string,
  options: ConnectionOptions,
  onConnection: (yamux: YamuxSession, connection: Connection) => void = () => {},
): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    const connection = new Connection(socket);
    connection.upgrade(options, false).then(
      (yamux) => onConnection(yamux, connection),
      () => socket.destroy(),
    );
  });
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  return { server, port: typeof address === 'object' && address ? address.port : 0 };
}
