import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { PeerCall, PeerStreamCall } from '../ports/peer-handlers.port.js';
import type { PeerId } from '../ports/types.js';
import { BulkWriter } from './bulk-writer.js';

/** What a handler of a server stream writes to. After the call ended, writes are dropped and never ask to wait. */
export class ServerStreamCall implements PeerStreamCall {
  readonly peerId: PeerId;
  readonly signal: AbortSignal;
  readonly #stream: ServerHttp2Stream;
  readonly #headers: OutgoingHttpHeaders;
  readonly #encode: (message: unknown) => Uint8Array;
  readonly #writer: BulkWriter;

  constructor(
    stream: ServerHttp2Stream,
    headers: OutgoingHttpHeaders,
    encode: (message: unknown) => Uint8Array,
    { peerId, signal }: PeerCall,
  ) {
    this.peerId = peerId;
    this.signal = signal;
    this.#stream = stream;
    this.#headers = headers;
    this.#encode = encode;
    this.#writer = new BulkWriter(stream);
    // Who waits for room goes on, and finds the signal aborted.
    stream.once('close', () => {
      this.#writer.emit('drain');
      this.#writer.emit('empty');
    });
  }

  get writableNeedDrain(): boolean {
    return this.#writer.needsDrain && !this.#isOver;
  }

  /** Bytes that were sent; grows while the client reads. */
  get sentBytes(): number {
    return this.#writer.sentBytes;
  }

  /** Bytes that wait to be sent. */
  get pendingBytes(): number {
    return this.#writer.pendingBytes;
  }

  write(message: unknown): boolean {
    if (this.#isOver) return true;
    if (!this.#stream.headersSent) {
      this.#stream.respond(this.#headers, { waitForTrailers: true });
    }
    return this.#writer.write(this.#encode(message));
  }

  flush(): void {
    this.#writer.flush();
  }

  once(event: 'drain', listener: () => void): this {
    this.#writer.once(event, listener);
    return this;
  }

  off(event: 'drain', listener: () => void): this {
    this.#writer.off(event, listener);
    return this;
  }

  allSent(): Promise<void> {
    if (this.pendingBytes === 0 || this.#isOver) return Promise.resolve();
    return new Promise((resolve) => this.#writer.once('empty', resolve));
  }

  reset(): void {
    this.#stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  get #isOver(): boolean {
    return this.signal.aborted || this.#stream.destroyed || this.#stream.closed || this.#stream.writableEnded;
  }
}
