import type { WebSocket } from 'ws';
import { errorText } from '../../../common/app-error.js';
import { type Clock, withDeadline } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import type { Dispatcher } from '../calls/dispatcher.js';
import type { Load } from '../calls/load.js';
import type { Caller } from '../calls/method.js';
import { REPLY_READ_MS } from '../jsonrpc.config.js';
import type { JsonRpcMetrics } from '../jsonrpc.metrics.js';
import { HeadSubscriptions, type HeadSubscriptionsOptions } from './subscriptions.js';

/** What one connection may ask ahead; what came in one piece with it may be more, up to the second. */
const MAX_AHEAD = 16;
const MAX_WAITING_REQUESTS = 4_096;

/** @see RFC 6455, section 7.4.1 */
const GOING_AWAY = 1_001;

export interface SessionOptions extends HeadSubscriptionsOptions {
  readonly dispatcher: Dispatcher;
  readonly load: Load;
  readonly clock: Clock;
  readonly metrics: JsonRpcMetrics;
  readonly log: Logger;
  readonly subscriberBytes: number;
}

/**
 * One WebSocket. Its requests are answered one after the other, and the next is taken when the reply to the one before is
 * out, so that who does not read makes us hold one reply. Heads do not wait: who is too far behind is closed.
 */
export class Session implements Caller {
  readonly subscriptions: HeadSubscriptions;
  private readonly requests: string[] = [];
  private isAnswering = false;
  private isEnded = false;
  private hasAnswered = true;
  /** Without the reply that is on its way, and that may be larger than all that may wait. */
  private unsentHeadBytes = 0;

  constructor(
    private readonly socket: WebSocket,
    private readonly options: SessionOptions,
  ) {
    this.subscriptions = new HeadSubscriptions(options, (text) => this.tell(text));
    socket.on('message', (data: Buffer) => this.take(data.toString('utf8')));
    socket.on('pong', () => {
      this.hasAnswered = true;
    });
    // Too large a message, bytes that are no frame: ws closes by itself.
    socket.on('error', (error) => options.log.debug('a WebSocket failed', { error: errorText(error) }));
    socket.on('close', () => this.end());
  }

  get isGone(): boolean {
    return this.isEnded;
  }

  /** Cuts the connection when it did not answer the last time; to be called at intervals. */
  checkAlive(): void {
    if (!this.hasAnswered) {
      this.socket.terminate();
      return;
    }
    this.hasAnswered = false;
    this.socket.ping();
  }

  /** Says goodbye; who does not answer is to be cut. */
  close(): void {
    this.end();
    this.socket.close(GOING_AWAY, 'the node is shutting down');
  }

  cut(): void {
    this.socket.terminate();
  }

  private take(text: string): void {
    // Who sends is there, also while nothing is read from it.
    this.hasAnswered = true;
    if (this.isEnded) return;
    if (this.requests.length >= MAX_WAITING_REQUESTS) {
      this.cut();
      return;
    }
    this.requests.push(text);
    if (this.requests.length >= MAX_AHEAD) this.socket.pause();
    if (!this.isAnswering) this.answerAll().catch((error: unknown) => this.fail(error));
  }

  private async answerAll(): Promise<void> {
    this.isAnswering = true;
    for (let text = this.requests.shift(); text !== undefined; text = this.requests.shift()) {
      const reply = await this.options.dispatcher.answer(text, this);
      if (this.isEnded) return;
      await this.write(reply);
      if (this.requests.length < MAX_AHEAD) this.socket.resume();
    }
    this.isAnswering = false;
  }

  /** Held until it is handed to the system; rejects when the client does not read it in time. */
  private write(text: string): Promise<void> {
    const { load, clock, metrics } = this.options;
    const onTimeout = () => {
      metrics.refused('slow-reader');
      return new Error('a reply was not read in time');
    };
    const sent = () =>
      new Promise<void>((resolve, reject) => {
        this.socket.send(text, (error) => (error ? reject(error) : resolve()));
      });
    const release = load.holding(text.length);
    return withDeadline(clock, { timeoutMs: REPLY_READ_MS, onTimeout }, sent).finally(release);
  }

  private fail(error: unknown): void {
    this.options.log.debug('a WebSocket failed', { error: errorText(error) });
    this.cut();
  }

  private tell(text: string): void {
    if (this.isEnded) return;
    const { subscriberBytes, metrics } = this.options;
    if (this.unsentHeadBytes > subscriberBytes) {
      metrics.refused('slow-subscriber');
      // A close frame would wait behind what it does not read.
      this.end();
      this.cut();
      return;
    }
    this.unsentHeadBytes += text.length;
    this.socket.send(text, () => {
      this.unsentHeadBytes -= text.length;
    });
  }

  private end(): void {
    this.isEnded = true;
    this.requests.length = 0;
    this.subscriptions.end();
  }
}
