import { Inject, Injectable } from '@nestjs/common';
import { errorText } from '../../../common/app-error.js';
import { CLOCK, type Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { onEvent } from '../../../common/on-event.js';
import { NetworkError } from '../network.errors.js';
import { NETWORK_LOG } from '../network.log.js';
import { NETWORK_METRICS, type NetworkMetrics } from '../network.metrics.js';
import { PeerTable } from '../peers/peer-table.js';
import { HOST, type Host, type HostConnection, type HostEvent } from '../ports/host.port.js';
import type { Direction, PeerId } from '../ports/types.js';
import { ConnectionSlots } from '../slots/connection-slots.js';
import { HelloService } from './hello.service.js';
import { PeerSession, type SessionOutcome } from './peer-session.js';

/** A connection that is nobody's peer is closed after this; the Go client ends its temporary dials within seconds. */
export const TEMPORARY_LIMIT_MS = 60_000;

/**
 * The gatekeeper: takes each peer from its first connection through slot check and handshake into the table, and out of it
 * when the last connection closes.
 *
 * @see polygon-edge@597a0f3 network/identity/identity.go GetNotifyBundle
 */
@Injectable()
export class IdentityService {
  readonly #sessions = new Map<PeerId, PeerSession>();
  readonly #stop = new AbortController();
  #started = false;

  constructor(
    @Inject(HOST) private readonly host: Host,
    private readonly hello: HelloService,
    private readonly slots: ConnectionSlots,
    private readonly table: PeerTable,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(NETWORK_LOG) private readonly log: Logger,
    @Inject(NETWORK_METRICS) private readonly metrics: NetworkMetrics,
  ) {}

  /** Begins to watch connections; must come before the host starts. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    const options = { signal: this.#stop.signal, log: this.log };
    onEvent(this.host.events$, (event) => this.#onHostEvent(event), options);
    onEvent(this.slots.changed$, () => this.#showSlots(), options);
  }

  /** Ends all sessions and the stream of events; to be called when the host has stopped. */
  stop(): void {
    this.#stop.abort();
    const cause = new NetworkError({ code: 'NETWORK.CANCELLED' });
    for (const session of [...this.#sessions.values()]) {
      session.close(cause);
      this.#end(session);
    }
    this.table.complete();
  }

  /** How the handshake of a connected peer ended, once it has; undefined when there is no connection. Never rejects. */
  outcome(peerId: PeerId): Promise<SessionOutcome> | undefined {
    return this.#sessions.get(peerId)?.outcome;
  }

  /** Closes all connections to the peer. The cause appears in the event that follows, if any does. */
  async disconnect(peerId: PeerId, cause: NetworkError): Promise<void> {
    const session = this.#sessions.get(peerId);
    session?.close(cause);
    try {
      await this.host.disconnect(peerId);
    } catch (error) {
      this.log.warn('disconnect failed', { peerId, error: errorText(error) });
    }
    if (session !== undefined && this.#connectionsOf(peerId).length === 0) this.#end(session);
  }

  #onHostEvent({ type, connection }: HostEvent): void {
    if (type === 'connection:opened') this.#onOpened(connection);
    else this.#onClosed(connection);
  }

  #onOpened(connection: HostConnection): void {
    const { peerId, direction } = connection;
    const session = this.#sessions.get(peerId);
    if (session !== undefined) {
      // One that is being closed takes no more; #end looks at what is left.
      if (session.closing !== undefined) return;
      session.connections.set(connection.id, connection);
      this.table.setDirections(peerId, session.directions());
      return;
    }
    if (!this.slots.beginConnection(peerId, direction)) {
      const error = new NetworkError({ code: 'NETWORK.NO_FREE_SLOT', peerId, direction });
      this.#announceFailure(peerId, direction, error);
      void this.disconnect(peerId, error);
      return;
    }
    const started = new PeerSession(connection);
    this.#sessions.set(peerId, started);
    void this.#handshake(started);
  }

  #onClosed(connection: HostConnection): void {
    const session = this.#sessions.get(connection.peerId);
    if (!session?.connections.delete(connection.id)) return;
    if (session.connections.size === 0) this.#end(session);
    else this.table.setDirections(session.peerId, session.directions());
  }

  async #handshake(session: PeerSession): Promise<void> {
    const { peerId, direction, signal } = session;
    try {
      const verdict = await this.hello.greet(peerId, signal);
      signal.throwIfAborted();
      this.metrics.handshakeFinished(direction, verdict);
      if (verdict === 'peer') this.#admit(session);
      else this.#limitTemporary(session);
      session.settle(verdict);
    } catch (error) {
      const cause = session.closing ?? asNetworkError(error, peerId);
      if (cause.code !== 'NETWORK.CANCELLED' && cause.code !== 'NETWORK.TEMPORARY_DIAL_DONE') {
        this.#announceFailure(peerId, direction, cause);
      }
      session.close(cause);
      if (this.#sessions.get(peerId) === session) await this.disconnect(peerId, cause);
    }
  }

  #admit(session: PeerSession): void {
    const { peerId, direction } = session;
    this.slots.activate(peerId);
    this.table.add(peerId, direction, session.directions());
    this.metrics.peers(this.table.size);
    this.log.debug('peer connected', { peerId, direction });
  }

  #limitTemporary({ peerId, signal }: PeerSession): void {
    const cause = new NetworkError({ code: 'NETWORK.TEMPORARY_DIAL_DONE', peerId });
    const cancel = this.clock.setTimeout(() => void this.disconnect(peerId, cause), TEMPORARY_LIMIT_MS);
    signal.addEventListener('abort', cancel, { once: true });
  }

  /** The session's connections are gone. */
  #end(session: PeerSession): void {
    const { peerId } = session;
    if (this.#sessions.get(peerId) !== session) return;
    this.#sessions.delete(peerId);
    const cause = session.close(new NetworkError({ code: 'NETWORK.CONNECTION_CLOSED', peerId }));
    this.slots.release(peerId);
    this.table.remove(peerId, cause);
    this.metrics.peers(this.table.size);
    if (this.#stop.signal.aborted) return;
    for (const connection of this.#connectionsOf(peerId)) this.#onOpened(connection);
  }

  #announceFailure(peerId: PeerId, direction: Direction, error: NetworkError): void {
    this.metrics.handshakeFinished(direction, error.code);
    this.log.debug('handshake failed', { peerId, direction, code: error.code });
    this.table.announce({ type: 'peer:handshake-failed', peerId, direction, error });
  }

  #showSlots(): void {
    for (const direction of ['inbound', 'outbound'] as const) {
      const { active, pending } = this.slots.counts(direction);
      this.metrics.connections(direction, active, pending);
    }
  }

  #connectionsOf(peerId: PeerId): HostConnection[] {
    return this.host.connections().filter((connection) => connection.peerId === peerId);
  }
}

function asNetworkError(error: unknown, peerId: PeerId): NetworkError {
  if (error instanceof NetworkError) return error;
  return new NetworkError(
    { code: 'NETWORK.STREAM_FAILED', peerId, protocol: 'identity', reason: errorText(error) },
    error,
  );
}
