import { setTimeout as pause } from 'node:timers/promises';
import { OPENING } from '../../support/http2-bytes.js';
import type { Arena } from '../arena.js';
import type { Connection } from '../wire/connection.js';
import { Protocols, type WirePeer } from '../wire/peer.js';
import type { YamuxStream } from '../wire/yamux.js';

const AGREEMENT_TIMEOUT_MS = 2_000;

/** An attacker of HTTP/2 that never gives up: a new stream when one ends, a new connection when that ends. */
export class Persistent {
  connections = 0;
  refused = 0;
  streams = 0;
  readonly #peer: WirePeer;
  #connection: Connection | undefined;
  #link: Awaited<ReturnType<WirePeer['dial']>> | undefined;
  #stream: YamuxStream | undefined;

  constructor(
    private readonly arena: Arena,
    private readonly from: string,
  ) {
    this.#peer = arena.peer();
  }

  /** A stream with HTTP/2 begun, the old one while it lasts; undefined when the node takes no connection now. */
  async stream(): Promise<YamuxStream | undefined> {
    if (this.#stream && !this.#stream.destroyed && !this.#connection?.isClosed) return this.#stream;
    try {
      if (this.#link === undefined || this.#link.connection.isClosed) {
        this.#link = await this.arena.join(this.#peer, this.from);
        this.#connection = this.#link.connection;
        this.connections += 1;
      }
      const stream = this.#link.yamux.open(Protocols.sync);
      stream.resume();
      await Promise.race([stream.agreed, overdue()]);
      stream.write(OPENING);
      this.streams += 1;
      this.#stream = stream;
      return stream;
    } catch {
      this.refused += 1;
      this.#link?.connection.socket.destroy();
      return undefined;
    }
  }
}

/** The node may leave a stream unanswered that is more than its peer may open. */
async function overdue(): Promise<never> {
  await pause(AGREEMENT_TIMEOUT_MS, undefined, { ref: false });
  throw new Error('the stream was not answered');
}

/** Writes and waits until it has left, or the stream has ended. */
export function written(stream: YamuxStream, bytes: Buffer, timeoutMs = 2_000): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      stream.destroy();
      resolve();
    }, timeoutMs);
    stream.write(bytes, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
