import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { errorFields, errorText } from '../../common/app-error.js';
import type { Clock } from '../../common/clock.js';
import type { Logger } from '../../common/logger.port.js';
import type { TlsConfig } from '../../modules/system/index.js';
import { CertifiedConnections } from './certified-connections.js';
import { PendingHandshakes } from './pending-handshakes.js';
import { readTlsFiles, type TlsMaterial } from './tls-files.js';

const HANDSHAKE_MS = 5_000;
/** Node ends a client whose certificate it does not accept without saying why. */
const GAVE_UP =
  'ended in the handshake: one side did not accept the certificate of the other, or the client left';
/** How often the files are looked at. */
const RELOAD_MS = 10_000;

export interface TlsEndpointOptions {
  readonly config: TlsConfig;
  readonly clock: Clock;
  readonly log: Logger;
  readonly handshakeMs?: number;
  /** Told of each client that had no connection in the end. */
  readonly onFailed: (address: string, reason: string) => void;
}

/**
 * What a client is told that we speak. gRPC clients offer HTTP/2 alone; browsers and libraries of HTTP offer both, and
 * mean Connect, gRPC-Web or JSON, which are served over HTTP/1.1.
 */
export function chooseProtocol(offered: readonly string[]): string | undefined {
  return ['http/1.1', 'h2'].find((known) => offered.includes(known));
}

/** TLS on connections that others accept, with certificates that may change while it runs. */
export class TlsEndpoint {
  readonly #server: Server;
  readonly #pending = new PendingHandshakes();
  readonly #certified = new CertifiedConnections();
  #material: TlsMaterial;
  #failure: string | undefined;
  #cancel: () => void;

  /** @throws {SystemError} SYSTEM.TLS_INVALID */
  constructor(private readonly options: TlsEndpointOptions) {
    const { config, handshakeMs = HANDSHAKE_MS } = options;
    this.#material = readTlsFiles(config);
    const asksForCertificate = config.clientCaFile !== undefined;
    this.#server = createServer({
      ...this.#material,
      requestCert: asksForCertificate,
      rejectUnauthorized: asksForCertificate && config.clientCertificates === 'required',
      handshakeTimeout: handshakeMs,
      ALPNCallback: ({ protocols }) => chooseProtocol(protocols),
    });
    this.#server.on('secureConnection', (socket) => this.#secured(socket));
    this.#server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      // One that left is told of when its connection has closed.
      if (error.code !== 'ECONNRESET') this.#failed(socket, error.code ?? errorText(error));
      socket.destroy();
    });
    this.#cancel = this.#watch();
  }

  /** Hands the connection on when its handshake is done; ends it when it fails, takes too long, or is one too many. */
  take(socket: Socket, onSecured: (socket: TLSSocket) => void): void {
    const { remoteAddress, remotePort } = socket;
    // Of now: a handshake is judged by the authorities that vouched for clients when it began.
    const { ca } = this.#material;
    const dropped = this.#pending.add(socket, (secured) => {
      if (ca === this.#material.ca) onSecured(secured);
      else secured.destroy();
    });
    if (dropped !== undefined) {
      this.#tell(dropped, 'too many handshakes at a time');
      dropped.destroy();
    }
    socket.once('close', () => {
      const client = { remoteAddress, remotePort };
      // Who says nothing only looks whether the port is open, as load balancers do.
      if (this.#pending.end(client) !== undefined && socket.bytesRead > 0) this.#tell(client, GAVE_UP);
    });
    this.#server.emit('connection', socket);
  }

  close(): void {
    this.#cancel();
  }

  #secured(socket: TLSSocket): void {
    // In TLS 1.2 a client could show another certificate later, which nobody would check.
    socket.disableRenegotiation();
    socket.on('error', () => socket.destroy());
    const onSecured = this.#pending.end(socket);
    const showsWrongOne = !socket.authorized && socket.getPeerCertificate().raw !== undefined;
    if (showsWrongOne) this.#tell(socket, String(socket.authorizationError));
    if (onSecured === undefined || showsWrongOne) return void socket.destroy();
    this.#certified.add(socket);
    onSecured(socket);
  }

  #failed(socket: TLSSocket, reason: string): void {
    if (this.#pending.end(socket) !== undefined) this.#tell(socket, reason);
  }

  #tell({ remoteAddress }: Pick<Socket, 'remoteAddress'>, reason: string): void {
    if (remoteAddress !== undefined) this.options.onFailed(remoteAddress, reason);
  }

  #ended(connections: number, reason: string): void {
    if (connections > 0)
      this.options.log.info('operator connections ended with their certificate', { connections, reason });
  }

  #watch(): () => void {
    return this.options.clock.setTimeout(() => {
      this.#cancel = this.#watch();
      this.#reload();
      this.#ended(this.#certified.endExpired(this.options.clock.nowMs()), 'expired');
    }, RELOAD_MS);
  }

  /** A pair that does not fit, as while it is being written, changes nothing. */
  #reload(): void {
    const { config, log } = this.options;
    try {
      const material = readTlsFiles(config);
      this.#failure = undefined;
      if (isSame(material, this.#material)) return;
      this.#server.setSecureContext(material);
      const hasOtherClients = material.ca !== this.#material.ca;
      this.#material = material;
      log.info('certificate of the operator API reloaded');
      // Who is still vouched for comes back.
      if (hasOtherClients) this.#ended(this.#certified.endAll(), 'other client CA');
    } catch (error) {
      const failure = errorText(error);
      if (failure !== this.#failure)
        log.warn('certificate of the operator API not reloaded', errorFields(error));
      this.#failure = failure;
    }
  }
}

function isSame(one: TlsMaterial, other: TlsMaterial): boolean {
  return one.cert === other.cert && one.key === other.key && one.ca === other.ca;
}
