import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { errorFields, errorText } from '../../common/app-error.js';
import type { Clock } from '../../common/clock.js';
import type { Logger } from '../../common/logger.port.js';
import { RequestLines } from '../../common/request-lines.js';
import type { Connections } from './http/connections.js';
import type { HttpHandler } from './http/http-handler.js';
import { isForWebSocket, withoutOffer } from './http/passed-over.js';
import { JsonRpcError } from './jsonrpc.errors.js';
import type { JsonRpcMetrics } from './jsonrpc.metrics.js';
import type { Sessions } from './websocket/sessions.js';

export const JSONRPC_SERVER = Symbol('JSONRPC_SERVER');

/** Node looks at its timeouts only every 30 s unless told otherwise. */
const SERVER_OPTIONS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8_192,
} as const;
/** Neither reads nor sends for so long. Replies have a time of their own, and WebSockets have their pings. */
const SILENCE_MS = 30_000;
const MAX_REQUESTS_PER_SOCKET = 10_000;
/** How long open requests and WebSockets get to end by themselves. */
const CLOSE_GRACE_MS = 300;

export interface JsonRpcServerOptions {
  readonly host: string;
  readonly port: number;
  readonly connections: Connections;
  readonly handler: HttpHandler;
  readonly sessions: Sessions;
  readonly metrics: JsonRpcMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The port of JSON-RPC: HTTP, and WebSockets that begin as HTTP. `start` and `stop` may be called twice. */
export class JsonRpcServer {
  private server: Server | undefined;
  /** Connections that were given to the server once more, to be read without an offer that is not taken. */
  private readonly passedOver = new WeakSet<Duplex>();

  constructor(private readonly options: JsonRpcServerOptions) {}

  /** The port in use; 0 when not started. */
  get port(): number {
    const address = this.server?.address();
    return typeof address === 'object' && address !== null ? (address as AddressInfo).port : 0;
  }

  /** @throws {JsonRpcError} JSONRPC.PORT_TAKEN | JSONRPC.LISTEN_FAILED */
  async start(): Promise<void> {
    if (this.server !== undefined) return;
    const { host, port, handler, connections, sessions, metrics, clock, log } = this.options;
    const lines = new RequestLines(clock);
    const server = createServer(SERVER_OPTIONS, (request, response) =>
      lines.add(request, response, () => void handler.handle(request, response)),
    );
    server.maxConnections = connections.max;
    server.setTimeout(SILENCE_MS);
    server.maxRequestsPerSocket = MAX_REQUESTS_PER_SOCKET;
    server.on('drop', () => metrics.refused('connections'));
    server.on('connection', (socket) => this.connected(socket));
    server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => {
        this.server = undefined;
        reject(listenError(`${host}:${port}`, error));
      });
      server.listen(port, host, resolve);
    });
    // Such as no more file descriptors to accept a connection with: the next may find one.
    server
      .removeAllListeners('error')
      .on('error', (error) => log.warn('a connection was not accepted', errorFields(error)));
    sessions.start();
  }

  /** Lets what is open end for a moment, then cuts it. */
  async stop(): Promise<void> {
    const { server } = this;
    const { sessions, clock } = this.options;
    this.server = undefined;
    sessions.close();
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      const cancel = clock.setTimeout(() => {
        sessions.cut();
        server.closeAllConnections();
      }, CLOSE_GRACE_MS);
      server.close(() => {
        cancel();
        resolve();
      });
      server.closeIdleConnections();
    });
  }

  private connected(socket: Socket): void {
    const { connections, metrics } = this.options;
    if (this.passedOver.has(socket) || connections.admit(socket)) return;
    metrics.refused('connections');
    refuse(socket, 503);
  }

  /** Node takes every offer to change the protocol for one that is to be answered here. */
  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (isForWebSocket(request)) {
      this.openWebSocket(request, socket, head);
      return;
    }
    if (this.server === undefined) {
      socket.destroy();
      return;
    }
    this.passedOver.add(socket);
    socket.unshift(Buffer.concat([withoutOffer(request), head]));
    this.server.emit('connection', socket);
  }

  private openWebSocket(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Until ws listens itself.
    socket.on('error', () => socket.destroy());
    const { handler, sessions, metrics } = this.options;
    const refusal = handler.refusalOf(request);
    if (refusal !== undefined) refuse(socket, refusal.status);
    else if (!sessions.isFullFor(request.socket.remoteAddress)) sessions.accept(request, socket, head);
    else {
      metrics.refused('websockets');
      refuse(socket, 503);
    }
  }
}

function refuse(socket: Duplex, status: number): void {
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
    () => socket.destroy(),
  );
}

function listenError(address: string, error: NodeJS.ErrnoException): JsonRpcError {
  if (error.code === 'EADDRINUSE') return new JsonRpcError({ code: 'JSONRPC.PORT_TAKEN', address }, error);
  return new JsonRpcError({ code: 'JSONRPC.LISTEN_FAILED', address, reason: errorText(error) }, error);
}
