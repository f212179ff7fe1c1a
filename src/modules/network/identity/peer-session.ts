import type { NetworkError } from '../network.errors.js';
import type { HostConnection } from '../ports/host.port.js';
import type { Direction, PeerId } from '../ports/types.js';
import type { SlotHold } from '../slots/connection-slots.js';
import type { HelloVerdict } from './hello.js';

export type SessionOutcome = HelloVerdict | 'failed';

/** All connections to one peer, from the first that opened to the last that closes. */
export class PeerSession {
  readonly peerId: PeerId;
  readonly startedAtMs: number;
  readonly connections: Map<string, HostConnection>;
  /** How the handshake ended. Never rejects. */
  readonly outcome: Promise<SessionOutcome>;
  readonly #controller = new AbortController();
  #settle: (outcome: SessionOutcome) => void = () => {};
  #closing: NetworkError | undefined;
  #oldest: HostConnection;

  constructor(
    first: HostConnection,
    readonly slot: SlotHold,
  ) {
    this.peerId = first.peerId;
    this.startedAtMs = first.openedAtMs;
    this.#oldest = first;
    this.connections = new Map([[first.id, first]]);
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** The oldest connection that is left, or the last one that was. */
  get oldest(): HostConnection {
    return this.#oldest;
  }

  get direction(): Direction {
    return this.#oldest.direction;
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

  /** A connection is gone; the slot follows those that are left. @returns false when it was none of these. */
  lose(connection: HostConnection): boolean {
    if (!this.connections.delete(connection.id)) return false;
    const [oldest] = this.connections.values();
    if (oldest !== undefined) {
      this.#oldest = oldest;
      this.slot.moveTo(oldest.direction);
    }
    return true;
  }

  directions(): Direction[] {
    return [...new Set([...this.connections.values()].map(({ direction }) => direction))];
  }
}
