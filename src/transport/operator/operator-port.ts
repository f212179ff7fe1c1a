import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { errorText } from '../../common/app-error.js';
import type { Clock } from '../../common/clock.js';
import type { Access } from '../../modules/access/index.js';
import { SystemError } from '../../modules/system/index.js';
import { onSpoken, type Spoken } from './first-bytes.js';
import type { TlsEndpoint } from './tls-endpoint.js';

const MAX_CONNECTIONS = 1_000;
/** A client speaks first, after the TLS handshake if there is one; who has not said enough by then is let go. */
const FIRST_BYTES_MS = 10_000;
/** A client that is gone without a word is noticed by then, if nothing is sent to it before. */
const KEEP_ALIVE_PROBE_MS = 60_000;

export interface OperatorPortOptions {
  readonly clock: Clock;
  readonly access: Access;
  /** None: plaintext. */
  readonly tls: TlsEndpoint | undefined;
  /** Serves a connection by what its client speaks. */
  readonly serve: Readonly<Record<Spoken, (socket: Socket) => void>>;
}

/** The operator port's own sockets: counted, encrypted where so set, and handed on once a client has begun to speak. */
export class OperatorPort {
  readonly #sockets = new Set<Socket>();
  readonly #listener: Server;

  constructor(private readonly options: OperatorPortOptions) {
    const sockets = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS };
    this.#listener = createServer(sockets, (socket) => this.#accept(socket));
    this.#listener.maxConnections = MAX_CONNECTIONS;
  }

  /** Gives the port in use. @throws {SystemError} SYSTEM.LISTEN_FAILED */
  listen(host: string, port: number): Promise<number> {
    const address = `${host}:${port}`;
    return new Promise((resolve, reject) => {
      // Later ones, such as no descriptor left for a connection, pass.
      this.#listener.on('error', (error: NodeJS.ErrnoException) => {
        const reason = error.code === 'EADDRINUSE' ? 'the port is taken' : errorText(error);
        reject(new SystemError({ code: 'SYSTEM.LISTEN_FAILED', address, reason }, error));
      });
      this.#listener.listen(port, host, () => resolve((this.#listener.address() as AddressInfo).port));
    });
  }

  /** Takes no more connections; those that are there go on. */
  refuseNew(): void {
    this.#listener.close();
  }

  /** Resolves when the last connection has closed by itself, after `refuseNew`. */
  allClosed(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#sockets.size === 0) resolve();
      else this.#listener.once('close', resolve);
    });
  }

  /** Ends every connection at once. */
  destroy(): void {
    this.refuseNew();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    const release = this.#counted(socket);
    if (release === undefined) return void socket.destroy();
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      release();
    });
    const { tls } = this.options;
    if (tls === undefined) this.#listenTo(socket);
    else tls.take(socket, (encrypted) => this.#listenTo(encrypted));
  }

  /** What ends the counting; undefined when there is no room for one more. */
  #counted({ remoteAddress }: Socket): (() => void) | undefined {
    if (remoteAddress === undefined) return undefined;
    try {
      return this.options.access.acceptConnection(remoteAddress);
    } catch {
      // The access module has counted and told of it.
      return undefined;
    }
  }

  #listenTo(socket: Socket): void {
    const { clock, serve } = this.options;
    const cancel = clock.setTimeout(() => socket.destroy(), FIRST_BYTES_MS);
    socket.once('close', cancel);
    onSpoken(socket, (spoken) => {
      cancel();
      socket.off('close', cancel);
      serve[spoken](socket);
    });
  }
}
