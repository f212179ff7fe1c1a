import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { errorText } from '../../../common/app-error.js';
import { Session, type SessionOptions } from './session.js';

/** One that does not answer within this time, in ms, is cut at its end. */
const PING_EVERY_MS = 30_000;

export interface SessionsOptions extends Omit<SessionOptions, 'onSubscriptions'> {
  readonly maxSessions: number;
  readonly maxMessageBytes: number;
}

/** All WebSockets. */
export class Sessions {
  private readonly server: WebSocketServer;
  private readonly sessions = new Set<Session>();
  private subscriptions = 0;
  private stopPinging: () => void = () => {};
  private isClosed = false;

  constructor(private readonly options: SessionsOptions) {
    this.server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: options.maxMessageBytes,
      // What unpacks to a thousand times its size is not worth the bytes it saves.
      perMessageDeflate: false,
    });
    // A handshake that is none: ws has answered it.
    this.server.on('wsClientError', (error, socket) => {
      options.log.debug('a WebSocket handshake failed', { error: errorText(error) });
      socket.destroy();
    });
  }

  start(): void {
    this.options.heads.start();
    this.pingLater();
  }

  get isFull(): boolean {
    return this.isClosed || this.sessions.size >= this.options.maxSessions;
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.server.handleUpgrade(request, socket, head, (webSocket) => this.add(webSocket));
  }

  /** Says goodbye to all. */
  close(): void {
    this.isClosed = true;
    this.stopPinging();
    for (const session of this.sessions) session.close();
  }

  cut(): void {
    for (const session of this.sessions) session.cut();
  }

  private add(webSocket: WebSocket): void {
    const session = new Session(webSocket, {
      ...this.options,
      onSubscriptions: (change) => {
        this.subscriptions += change;
        this.options.metrics.subscriptions(this.subscriptions);
      },
    });
    this.sessions.add(session);
    this.options.metrics.websockets(this.sessions.size);
    webSocket.once('close', () => {
      this.sessions.delete(session);
      this.options.metrics.websockets(this.sessions.size);
    });
  }

  private pingLater(): void {
    this.stopPinging = this.options.clock.setTimeout(() => {
      for (const session of this.sessions) session.checkAlive();
      this.pingLater();
    }, PING_EVERY_MS);
  }
}
