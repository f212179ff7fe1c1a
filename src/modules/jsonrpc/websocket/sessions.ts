import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Holder, OpenCounts } from '../../../common/open-counts.js';
import { type HolderOf, type Load, sharesOf } from '../calls/load.js';
import { Session, type SessionOptions } from './session.js';

/** One that does not answer within this time, in ms, is cut at its end. */
const PING_EVERY_MS = 30_000;

export interface SessionsOptions extends Omit<SessionOptions, 'onSubscriptions' | 'load'> {
  readonly load: Load;
  readonly holderOf: HolderOf;
  readonly maxSessions: number;
  readonly maxMessageBytes: number;
}

/** All WebSockets. */
export class Sessions {
  private readonly server: WebSocketServer;
  private readonly sessions = new Set<Session>();
  private readonly counts: OpenCounts;
  private subscriptions = 0;
  private stopPinging: () => void = () => {};
  private isClosed = false;

  constructor(private readonly options: SessionsOptions) {
    this.counts = new OpenCounts(sharesOf(options.maxSessions));
    this.server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: options.maxMessageBytes,
      // What unpacks to a thousand times its size is not worth the bytes it saves.
      perMessageDeflate: false,
    });
  }

  start(): void {
    this.options.heads.start();
    this.pingLater();
  }

  /** Whether one more from this address is to be turned away. */
  isFullFor(address: string | undefined): boolean {
    return this.isClosed || this.counts.brokenBy(this.options.holderOf(address)) !== undefined;
  }

  /** What is no handshake is answered so. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const holder = this.options.holderOf(request.socket.remoteAddress);
    this.server.handleUpgrade(request, socket, head, (webSocket) => {
      const session = this.add(webSocket, holder);
      // Before ws, which takes its messages out of the piece at once.
      socket.prependListener('data', (piece: Buffer) => session.received(piece.length));
    });
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

  private add(webSocket: WebSocket, holder: Holder): Session {
    const close = this.counts.open(holder);
    const session = new Session(webSocket, {
      ...this.options,
      load: this.options.load.of(holder),
      onSubscriptions: (change) => {
        this.subscriptions += change;
        this.options.metrics.subscriptions(this.subscriptions);
      },
    });
    this.sessions.add(session);
    this.options.metrics.websockets(this.sessions.size);
    webSocket.once('close', () => {
      close();
      this.sessions.delete(session);
      this.options.metrics.websockets(this.sessions.size);
    });
    return session;
  }

  private pingLater(): void {
    this.stopPinging = this.options.clock.setTimeout(() => {
      for (const session of this.sessions) session.checkAlive();
      this.pingLater();
    }, PING_EVERY_MS);
  }
}
