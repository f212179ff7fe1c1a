import type { WebSocket } from 'ws';
import { errorFields } from '../../../common/app-error.js';
import { type Clock, withDeadline } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import type { Dispatcher } from '../calls/dispatcher.js';
import type { Share } from '../calls/load.js';
import type { Caller } from '../calls/method.js';
import { REPLY_READ_MS } from '../jsonrpc.config.js';
import type { JsonRpcMetrics } from '../jsonrpc.metrics.js';
import { RequestQueue } from './request-queue.js';
import { HeadSubscriptions, type HeadSubscriptionsOptions } from './subscriptions.js';

/** Of a ping or pong with its mask, without its data. @see RFC 6455, section 5.2 */
const CONTROL_FRAME_BYTES = 6;
/** @see RFC 6455, section 7.4.1 */
const GOING_AWAY = 1_001;

export interface SessionOptions extends HeadSubscriptionsOptions {
  readonly dispatcher: Dispatcher;
  /** Of its address. */
  readonly load: Share;
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
  readonly load: Share;
  private readonly requests: RequestQueue;
  private isAnswering = false;
  private isEnded = false;
  private hasAnswered = true;
  private hasSent = true;
  /** Without the reply that is on its way, and that may be larger than all that may wait. */
  private unsentHeadBytes = 0;

  constructor(
    private readonly socket: WebSocket,
    private readonly options: SessionOptions,
  ) {
    this.load = options.load;
    this.requests = new RequestQueue(options.load);
    this.subscriptions = new HeadSubscriptions(options, (text) => this.tell(text));
    socket.on('message', (data: Buffer) => this.take(data));
    socket.on('ping', (data: Buffer) => this.passed(data));
    socket.on('pong', (data: Buffer) => {
      this.hasAnswered = true;
      this.passed(data);
    });
    // Too large a message, bytes that are no frame: ws closes by itself.
    socket.on('error', (error) => options.log.debug('a WebSocket failed', errorFields(error)));
    socket.on('close', () => this.end());
  }

  get isGone(): boolean {
    return this.isEnded;
  }

  /** Bytes as they come, before they are a message. */
  received(bytes: number): void {
    if (!this.isEnded && !this.requests.addPart(bytes)) this.refuse();
  }

  /** Cuts the connection when it did not answer the last time, or is still at the same message; to be called at intervals. */
  checkAlive(): void {
    if (!this.hasAnswered || (this.requests.hasLargePart && !this.hasSent)) {
      this.cut();
      return;
    }
    this.hasAnswered = false;
    this.hasSent = false;
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

  /** A ping or a pong, also between the parts of a message. */
  private passed(data: Buffer): void {
    this.requests.removePart(data.length + CONTROL_FRAME_BYTES);
  }

  private take(data: Buffer): void {
    // Who sends is there, also while nothing is read from it.
    this.hasAnswered = true;
    this.hasSent = true;
    if (this.isEnded) return;
    if (!this.requests.add(data.toString('utf8'), data.length)) {
      this.refuse();
      return;
    }
    if (this.requests.isLong) this.socket.pause();
    if (!this.isAnswering) this.answerAll().catch((error: unknown) => this.fail(error));
  }

  private async answerAll(): Promise<void> {
    this.isAnswering = true;
    for (let request = this.requests.take(); request !== undefined; request = this.requests.take()) {
      const reply = await this.options.dispatcher.answer(request.text, this).finally(request.release);
      if (this.isEnded) return;
      await this.write(reply);
      if (!this.requests.isLong) this.socket.resume();
    }
    this.isAnswering = false;
  }

  /** Held until it is handed to the system; rejects when the client does not read it in time. */
  private write(text: string): Promise<void> {
    const { clock, metrics } = this.options;
    const onTimeout = () => {
      metrics.refused('slow-reader');
      return new Error('a reply was not read in time');
    };
    const sent = () =>
      new Promise<void>((resolve, reject) => {
        this.socket.send(text, (error) => (error ? reject(error) : resolve()));
      });
    const release = this.load.holding(text.length);
    return withDeadline(clock, { timeoutMs: REPLY_READ_MS, onTimeout }, sent).finally(release);
  }

  /** Sends more than there is room for. */
  private refuse(): void {
    this.options.metrics.refused('busy');
    this.cut();
  }

  private fail(error: unknown): void {
    this.options.log.debug('a WebSocket failed', errorFields(error));
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
    this.requests.clear();
    this.subscriptions.end();
  }
}
