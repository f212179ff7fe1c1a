import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from './clock.js';

/** Requests of one connection that may wait; clients that wait for their answers have none. */
const MAX_WAITING = 8;
/** How long the first of them may wait for the one before. */
const MAX_WAIT_MS = 10_000;

interface Line {
  /** The request that is being answered, then those that wait. */
  readonly requests: (() => void)[];
  cancel: () => void;
}

/**
 * Answers the requests of each HTTP/1.1 connection one after the other. Node gives those that come without waiting at
 * once, with responses that have no socket yet and are never told that their client has left; and a client that has sent
 * more than is read seems to be there for ever. So what waits too long, or is too much, ends the connection.
 */
export class RequestLines {
  readonly #lines = new WeakMap<Duplex, Line>();

  constructor(private readonly clock: Clock) {}

  /** @param begin Answers the request; its turn is over when its response closes. */
  add({ socket }: IncomingMessage, response: ServerResponse, begin: () => void): void {
    const line = this.#lineOf(socket);
    if (line.requests.length > MAX_WAITING) {
      socket.destroy();
      return;
    }
    line.requests.push(() => {
      begin();
      // After all else that hears of its end.
      response.once('close', () => {
        line.requests.shift();
        if (!socket.destroyed) this.#next(socket, line);
      });
    });
    if (line.requests.length === 1) this.#next(socket, line);
    else if (line.requests.length === 2) this.#limitWait(socket, line);
  }

  /** Whether no request of the connection is being answered. */
  isIdle(socket: Duplex): boolean {
    return (this.#lines.get(socket)?.requests.length ?? 0) === 0;
  }

  #lineOf(socket: Duplex): Line {
    const known = this.#lines.get(socket);
    if (known !== undefined) return known;
    const line: Line = { requests: [], cancel: () => undefined };
    this.#lines.set(socket, line);
    socket.once('close', () => {
      line.cancel();
      line.requests.length = 0;
    });
    return line;
  }

  #next(socket: Duplex, line: Line): void {
    line.cancel();
    if (line.requests.length > 1) this.#limitWait(socket, line);
    line.requests[0]?.();
  }

  #limitWait(socket: Duplex, line: Line): void {
    line.cancel = this.clock.setTimeout(() => socket.destroy(), MAX_WAIT_MS);
  }
}
