import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import {
  type Listener,
  type ListenerEvents,
  type Logger,
  TypedEventEmitter,
  type Upgrader,
} from '@libp2p/interface';
import { getThinWaistAddresses, ipPortToMultiaddr } from '@libp2p/utils';
import type { Multiaddr } from '@multiformats/multiaddr';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../../../common/clock.js';
import { type Arrival, SocketArrival } from './arrivals.js';
import { MAX_MESSAGE_BYTES, WebSocketConnection } from './websocket-connection.js';

const MAX_HEADER_BYTES = 8 * 1024;
/** From the first byte to the end of the HTTP upgrade, ms; the handshake of libp2p has its own time after it. */
const UPGRADE_TIMEOUT_MS = 10_000;

/** Who may come in. */
export interface Entrance {
  /** Asked as soon as the socket is there. */
  admit(arrival: Arrival): boolean;
  /** The arrival goes on as that connection. */
  replace(arrival: Arrival, connection: Arrival): void;
}

export interface WebSocketListenerOptions {
  readonly entrance: Entrance;
  readonly upgrader: Upgrader;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Takes WebSockets. Until its upgrade a socket counts as a pending handshake like any other, so that those who dawdle
 * over HTTP are in nobody's way; any path and any origin will do, as who is there is proved by Noise alone.
 */
export class WebSocketListener extends TypedEventEmitter<ListenerEvents> implements Listener {
  readonly #options: WebSocketListenerOptions;
  readonly #server: Server;
  readonly #upgrades: WebSocketServer;
  readonly #sockets = new Set<Socket>();
  readonly #arrivals = new WeakMap<object, SocketArrival>();
  readonly #shutdown = new AbortController();
  #address: Multiaddr | undefined;

  constructor(options: WebSocketListenerOptions) {
    super();
    this.#options = options;
    this.#upgrades = new WebSocketServer({
      noServer: true,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
      clientTracking: false,
      autoPong: false,
    });
    this.#server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, noDelay: true }, (_request, response) => {
      response.writeHead(426, { connection: 'close', upgrade: 'websocket' }).end();
    });
    this.#server.on('connection', (socket) => this.#onSocket(socket));
    this.#server.on('clientError', (_error, socket) => socket.destroy());
    this.#server.on('upgrade', (request, socket, head) =>
      this.#upgrades.handleUpgrade(request, socket, head, (ws) => this.#onUpgraded(ws, request)),
    );
  }

  async listen(address: Multiaddr): Promise<void> {
    const [host, port] = address.getComponents();
    this.#address = address;
    this.#server.listen(Number(port?.value ?? 0), host?.value);
    await once(this.#server, 'listening');
    this.safeDispatchEvent('listening');
  }

  getAddrs(): Multiaddr[] {
    const bound = this.#server.address() as AddressInfo | null;
    if (bound === null || this.#address === undefined) return [];
    return getThinWaistAddresses(this.#address, bound.port).map((address) => address.encapsulate('/ws'));
  }

  updateAnnounceAddrs(): void {}

  async close(): Promise<void> {
    this.#shutdown.abort();
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined;
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    this.safeDispatchEvent('close');
  }

  #onSocket(socket: Socket): void {
    const { entrance, clock } = this.#options;
    const { remoteAddress, remotePort } = socket;
    socket.on('error', () => socket.destroy());
    if (remoteAddress === undefined || remotePort === undefined) {
      socket.destroy();
      return;
    }
    const arrival = new SocketArrival(
      socket,
      ipPortToMultiaddr(remoteAddress, remotePort).encapsulate('/ws'),
    );
    if (!entrance.admit(arrival)) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    this.#arrivals.set(socket, arrival);
    arrival.cancelDeadline = clock.setTimeout(() => socket.destroy(), UPGRADE_TIMEOUT_MS);
    socket.once('close', () => {
      arrival.cancelDeadline();
      this.#sockets.delete(socket);
    });
  }

  #onUpgraded(ws: WebSocket, { socket }: IncomingMessage): void {
    const { entrance, upgrader, clock, log } = this.#options;
    const arrival = this.#arrivals.get(socket);
    if (arrival === undefined || socket.destroyed) {
      ws.terminate();
      return;
    }
    arrival.cancelDeadline();
    const { remoteAddr } = arrival;
    const connection = new WebSocketConnection({ ws, socket, remoteAddr, direction: 'inbound', clock, log });
    entrance.replace(arrival, connection);
    upgrader.upgradeInbound(connection, { signal: this.#shutdown.signal }).catch((error: unknown) => {
      connection.abort(error instanceof Error ? error : new Error(String(error)));
    });
  }
}
