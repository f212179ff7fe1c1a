import type { NetworkError } from '../network.errors.js';
import type { HostConnection } from '../ports/host.port.js';
import type { Direction, PeerId } from '../ports/types.js';
import type { HelloVerdict } from './hello.js';

export type SessionOutcome = HelloVerdict | 'failed';

/** All connections to one peer, from the first that opened to the last that closes. */
export class PeerSession {
  readonly peerId: PeerId;
  /** Of the connection that began the session. */
  readonly direction: Direction;
  readonly connections: Map<string, HostConnection>;
  /** How the handshake ended. Never rejects. */
  readonly outcome: Promise<SessionOutcome>;
  readonly #controller = new AbortController();
  #settle: (outcome: SessionOutcome) => void = () => {};
  #closing: NetworkError | undefined;

  constructor(first: HostConnection) {
    this.peerId = first.peerId;
    this.direction = first.direction;
    this.connections = new Map([[first.id, first]]);
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Aborts when the session is being closed or has ended. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why the session is being closed; undefined while it is not. */
  get closing(): NetworkError | undefined {
    return this.#closing;
  }

  /** The first cause given stands, and is returned. */
  close(cause: NetworkError): NetworkError {
    this.#closing ??= cause;
    this.#controller.abort(this.#closing);
    this.settle('failed');
    return this.#closing;
  }

  /** The first outcome stands. */
  settle(outcome: SessionOutcome): void {
    this.#settle(outcome);
  }

  directions(): Direction[] {
    return [...new Set([...this.connections.values()].map(({ direction }) => direction))];
  }
}
