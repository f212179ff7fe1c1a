import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../../common/clock.js';
import { GrpcStatus, GrpcStatusError } from '../../../common/grpc-status.js';
import type { Logger } from '../../../common/logger.port.js';
import type { CallRates } from '../limits/call-rates.js';
import type { ResourceLedger } from '../limits/resource-ledger.js';
import { NetworkError } from '../network.errors.js';
import type { Host, HostConnection } from '../ports/host.port.js';
import type { PeerHandlers } from '../ports/peer-handlers.port.js';
import type { PeerId, ProtocolId } from '../ports/types.js';
import { type FinishedCall, type PeerSession, servePeerStream } from './stream-server.js';

/** Stands for all calls of what we do not serve. */
const UNSERVED = 'other';

export interface PeerProtocolServerOptions {
  readonly host: Pick<Host, 'handle' | 'unhandle'>;
  readonly handlers: PeerHandlers;
  /** Which services each protocol carries, such as `{ '/id/0.1': ['v1.Identity'] }`; no other is ever asked for. */
  readonly services: Readonly<Record<ProtocolId, readonly string[]>>;
  readonly ledger: Pick<ResourceLedger, 'reserve'>;
  readonly rates: CallRates;
  /** Sessions of one peer on one protocol. Go opens a stream per call and closes lazily. */
  readonly sessionsPerPeer: number;
  readonly clock: Clock;
  readonly log: Logger;
  onCallFinished?(call: FinishedCall): void;
}

/** Serves the node-to-node protocols on every stream that a peer opens. */
export class PeerProtocolServer {
  readonly #options: PeerProtocolServerOptions;
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
    const { handlers, services, ledger, rates, clock, log, onCallFinished } = this.#options;
    if (!rates.takeStream(peerId, protocol)) {
      stream.destroy();
      return;
    }
    const session = servePeerStream(stream, {
      peerId,
      services: services[protocol] ?? [],
      find: (service, method) => handlers.find(service, method),
      admit: () => asStatus(() => ledger.reserve('calls', 1, { peerId, protocol })).release,
      turnOf: (path) => asStatus(() => rates.takeTurn(peerId, path ?? UNSERVED)),
      takeFrames: (count) => rates.takeFrames(peerId, count),
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
    if (sessions.size >= this.#options.sessionsPerPeer) closeOldestIdle(sessions);
    this.#sessions.set(key, sessions.add(session));
    void session.closed.then(() => {
      sessions.delete(session);
      if (sessions.size === 0) this.#sessions.delete(key);
    });
  }
}

/** What a limit refuses, as the caller is told it. */
function asStatus<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    throw new GrpcStatusError(GrpcStatus.RESOURCE_EXHAUSTED, 'too many calls', error);
  }
}

/** A peer's calls are bounded below its sessions, so there is an idle one; were there none, the ledger would refuse in the end. */
function closeOldestIdle(sessions: Set<PeerSession>): void {
  for (const session of sessions) {
    if (session.activeCalls > 0) continue;
    sessions.delete(session);
    session.destroy();
    return;
  }
}
