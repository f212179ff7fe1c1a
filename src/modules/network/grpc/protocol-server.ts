import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import type { Host, HostConnection } from '../ports/host.port.js';
import type { PeerHandlers } from '../ports/peer-handlers.port.js';
import type { PeerId, ProtocolId } from '../ports/types.js';
import { CallBudget } from './call-budget.js';
import { type FinishedCall, type PeerSession, servePeerStream } from './stream-server.js';

/** Sessions of one peer on one protocol. Go opens a stream per call and closes lazily. */
export const MAX_SESSIONS_PER_PEER = 64;

export interface PeerProtocolServerOptions {
  readonly host: Pick<Host, 'handle' | 'unhandle'>;
  readonly handlers: PeerHandlers;
  /** Which services each protocol carries, such as `{ '/id/0.1': ['v1.Identity'] }`; no other is ever asked for. */
  readonly services: Readonly<Record<ProtocolId, readonly string[]>>;
  readonly clock: Clock;
  readonly log: Logger;
  onCallFinished?(call: FinishedCall): void;
}

/** Serves the node-to-node protocols on every stream that a peer opens. */
export class PeerProtocolServer {
  readonly #options: PeerProtocolServerOptions;
  readonly #budget = new CallBudget();
  readonly #abort = new AbortController();
  /** By protocol and peer, oldest first. */
  readonly #sessions = new Map<string, Set<PeerSession>>();
  #isServing = false;

  constructor(options: PeerProtocolServerOptions) {
    this.#options = options;
    // One listener per session.
    setMaxListeners(0, this.#abort.signal);
  }

  /** Begins to serve; allowed before the host starts. A second start changes nothing. */
  start(): void {
    if (this.#isServing || this.#abort.signal.aborted) return;
    this.#isServing = true;
    for (const protocol of Object.keys(this.#options.services)) {
      this.#options.host.handle(protocol, (stream, connection) =>
        this.#onStream(protocol, stream, connection),
      );
    }
  }

  /** Takes no more streams or calls and resolves when the last session is gone, within its bound. Final. */
  async stop(): Promise<void> {
    if (this.#isServing) {
      for (const protocol of Object.keys(this.#options.services)) this.#options.host.unhandle(protocol);
    }
    this.#isServing = false;
    const sessions = [...this.#sessions.values()].flatMap((set) => [...set]);
    await Promise.all(sessions.map((session) => session.close()));
    this.#abort.abort();
  }

  /** Sessions open now, in all. */
  get sessionCount(): number {
    let count = 0;
    for (const set of this.#sessions.values()) count += set.size;
    return count;
  }

  #onStream(protocol: ProtocolId, stream: Duplex, { peerId }: HostConnection): void {
    const { handlers, services, clock, log, onCallFinished } = this.#options;
    const session = servePeerStream(stream, {
      peerId,
      services: services[protocol] ?? [],
      find: (service, method) => handlers.find(service, method),
      admit: () => this.#budget.admit(peerId),
      clock,
      log,
      signal: this.#abort.signal,
      ...(onCallFinished === undefined ? {} : { onCallFinished }),
    });
    this.#keep(protocol, peerId, session);
  }

  #keep(protocol: ProtocolId, peerId: PeerId, session: PeerSession): void {
    const key = `${protocol} ${peerId}`;
    const sessions = this.#sessions.get(key) ?? new Set();
    if (sessions.size >= MAX_SESSIONS_PER_PEER) closeOldestIdle(sessions);
    this.#sessions.set(key, sessions.add(session));
    void session.closed.then(() => {
      sessions.delete(session);
      if (sessions.size === 0) this.#sessions.delete(key);
    });
  }
}

/** A peer's calls are bounded well below its sessions, so there always is an idle one. */
function closeOldestIdle(sessions: Set<PeerSession>): void {
  for (const session of sessions) {
    if (session.activeCalls > 0) continue;
    sessions.delete(session);
    session.destroy();
    return;
  }
}
