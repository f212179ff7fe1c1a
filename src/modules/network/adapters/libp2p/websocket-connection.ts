import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { AbortOptions, Logger, MessageStreamDirection } from '@libp2p/interface';
import { AbstractMultiaddrConnection } from '@libp2p/utils';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { WebSocket } from 'ws';
import { Allowances } from '../../../../common/allowances.js';
import type { Clock } from '../../../../common/clock.js';

/** Largest message taken. A Go peer sends a Noise message (64 KiB) in each, a browser what it has at once. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
/** Bytes of one message of ours. */
const SEND_BYTES = 64 * 1024;
/** What may wait for the socket before the writer is asked to wait, bytes. */
const HIGH_WATER_MARK_BYTES = 256 * 1024;
/** As for TCP; Yamux pings every 30 s. */
const INACTIVITY_TIMEOUT_MS = 120_000;
/** Pings of WebSocket that a peer may send at once, and how many it wins back per second. Each is answered. */
const PINGS = { burst: 16, perSecond: 1 };
const NORMAL_CLOSURES: ReadonlySet<number> = new Set([1000, 1001, 1005]);
/** All the same: the connection has one peer. */
const PEER = '';

export interface WebSocketConnectionOptions {
  readonly ws: WebSocket;
  /** Below `ws`. */
  readonly socket: Socket;
  readonly remoteAddr: Multiaddr;
  readonly direction: MessageStreamDirection;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The bytes of a WebSocket's messages, with backpressure both ways. What is no binary message ends it. */
export class WebSocketConnection extends AbstractMultiaddrConnection {
  /** For whoever gathers writes. */
  readonly socket: Socket;
  readonly #ws: WebSocket;
  readonly #pings: Allowances;
  #isFull = false;

  constructor({ ws, socket, clock, ...init }: WebSocketConnectionOptions) {
    super(init);
    this.#ws = ws;
    this.socket = socket;
    this.#pings = new Allowances(clock, PINGS);
    ws.binaryType = 'nodebuffer';
    ws.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.onData(data);
      else this.abort(new Error('a text message'));
    });
    ws.on('ping', (data) => {
      if (this.#pings.take(PEER)) ws.pong(data);
      else this.abort(new Error('too many pings'));
    });
    ws.on('error', (error) => this.abort(error));
    ws.once('close', (code) => {
      if (NORMAL_CLOSURES.has(code)) this.onTransportClosed();
      else if (this.status === 'open' || this.status === 'closing') this.onRemoteReset();
    });
    socket.setTimeout(INACTIVITY_TIMEOUT_MS, () => this.abort(new Error('nothing came for too long')));
  }

  sendData(data: { readonly byteLength: number; subarray(): Uint8Array }): {
    sentBytes: number;
    canSendMore: boolean;
  } {
    const bytes = data.subarray();
    for (let at = 0; at < bytes.length; at += SEND_BYTES) {
      this.#ws.send(bytes.subarray(at, at + SEND_BYTES), { binary: true }, () => this.#sent());
    }
    this.#isFull = this.#ws.bufferedAmount >= HIGH_WATER_MARK_BYTES;
    return { sentBytes: bytes.length, canSendMore: !this.#isFull };
  }

  #sent(): void {
    if (!this.#isFull || this.#ws.bufferedAmount >= HIGH_WATER_MARK_BYTES / 2) return;
    this.#isFull = false;
    this.safeDispatchEvent('drain');
  }

  async sendClose({ signal }: AbortOptions = {}): Promise<void> {
    if (this.#ws.readyState === this.#ws.CLOSED) return;
    const closed = once(this.#ws, 'close', signal && { signal });
    this.#ws.close();
    try {
      await closed;
    } catch (error) {
      // The peer does not say goodbye in time.
      this.#ws.terminate();
      throw error;
    }
  }

  sendReset(): void {
    this.#ws.terminate();
  }

  sendPause(): void {
    this.#ws.pause();
  }

  sendResume(): void {
    this.#ws.resume();
  }
}
