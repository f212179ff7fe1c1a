import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../common/clock.js';

/** From the first byte to the last of a request; between requests, a little more than clients are told. */
const REQUEST_MS = 10_000;
export const KEEP_ALIVE_MS = 5_000;
const BETWEEN_MS = KEEP_ALIVE_MS + 1_000;

/**
 * Cuts HTTP/1.1 connections that keep us waiting, however slowly they trickle: a request must be there whole within its
 * time. Node's own timeouts hold only for servers that listen themselves.
 */
export class RequestDeadlines {
  readonly #cancels = new WeakMap<Socket, () => void>();

  constructor(private readonly clock: Clock) {}

  /** The client has begun to speak. */
  opened(socket: Socket): void {
    socket.once('close', () => this.#stop(socket));
    this.#start(socket, REQUEST_MS);
  }

  /** The headers of a request are there: its body has its time, and after the answer the next request. */
  requested(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    this.#start(socket, REQUEST_MS);
    // The rest of a request that is refused is thrown away, which may end after its answer.
    request.once('end', () => {
      if (!response.writableFinished) this.#stop(socket);
    });
    response.once('close', () => {
      if (!socket.destroyed) this.#start(socket, request.complete ? BETWEEN_MS : REQUEST_MS);
    });
  }

  #start(socket: Socket, ms: number): void {
    this.#stop(socket);
    this.#cancels.set(
      socket,
      this.clock.setTimeout(() => socket.destroy(), ms),
    );
  }

  #stop(socket: Socket): void {
    this.#cancels.get(socket)?.();
    this.#cancels.delete(socket);
  }
}
