import { Inject, Injectable } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import { errorFields, errorText } from '../../../common/app-error.js';
import { CLOCK, type Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { onEvent } from '../../../common/on-event.js';
import { Conduct } from '../conduct/conduct.service.js';
import { NetworkError } from '../network.errors.js';
import { NETWORK_LOG } from '../network.log.js';
import { HOST, type Host, type HostConnection, type HostEvent } from '../ports/host.port.js';
import type { PeerId } from '../ports/types.js';
import { Admission } from './admission.js';
import { HelloService } from './hello.service.js';
import { PeerRegister } from './peer-register.js';
import { PeerSession, type SessionOutcome } from './peer-session.js';

/** A temporary dial, ours or theirs, is ended after this; the Go client ends its own within seconds. */
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
  readonly #turnedAway = new Subject<PeerId>();
  readonly #stop = new AbortController();
  #started = false;

  /**
   * Fires when a peer that we dialed to stay takes us but as a visitor: it has no room, and answers one FindPeers.
   * It closes within seconds, and so do we. No replay; completes at stop.
   */
  readonly turnedAway$: Observable<PeerId> = this.#turnedAway.asObservable();

  constructor(
    @Inject(HOST) private readonly host: Host,
    private readonly hello: HelloService,
    private readonly admission: Admission,
    private readonly register: PeerRegister,
    @Inject(Conduct) private readonly conduct: Pick<Conduct, 'expulsions$'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(NETWORK_LOG) private readonly log: Logger,
  ) {}

  /** Begins to watch connections; must come before the host starts. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    const options = { signal: this.#stop.signal, log: this.log };
    this.register.start(this.#stop.signal);
    onEvent(this.host.events$, (event) => this.#onHostEvent(event), options);
    onEvent(this.conduct.expulsions$, ({ peerId, cause }) => this.#expel(peerId, cause), options);
  }

  /** Ends all sessions and the stream of events; to be called when the host has stopped. */
  stop(): void {
    this.#stop.abort();
    const cause = new NetworkError({ code: 'NETWORK.CANCELLED' });
    for (const session of [...this.#sessions.values()]) {
      session.close(cause);
      this.#end(session);
    }
    this.#turnedAway.complete();
    this.register.complete();
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
      this.log.warn('disconnect failed', { peerId, ...errorFields(error) });
    }
    if (session !== undefined && this.#connectionsOf(peerId).length === 0) this.#end(session);
  }

  #onHostEvent({ type, connection }: HostEvent): void {
    if (type === 'connection:opened') this.#onOpened(connection);
    else this.#onClosed(connection);
  }

  #onOpened(connection: HostConnection): void {
    const { peerId } = connection;
    const session = this.#sessions.get(peerId);
    if (session === undefined) {
      this.#onNewcomer(connection);
    } else if (session.closing === undefined) {
      session.connections.set(connection.id, connection);
      this.register.changed(session);
    }
    // A session that is being closed takes no more; #end looks at what is left.
  }

  #onNewcomer(connection: HostConnection): void {
    const { peerId } = connection;
    const admitted = this.admission.admit(connection, this.#sessions.values());
    if ('refusal' in admitted) {
      this.register.refused(connection, admitted.refusal);
      void this.disconnect(peerId, admitted.refusal);
      return;
    }
    const session = new PeerSession(connection, admitted.slot);
    this.#sessions.set(peerId, session);
    if (session.slot.stage === 'courtesy') this.#limitStay(session, this.hello.courtesyMs);
    if ('evicted' in admitted) void this.disconnect(admitted.evicted.peerId, admitted.cause);
    void this.#handshake(session);
  }

  #onClosed(connection: HostConnection): void {
    const session = this.#sessions.get(connection.peerId);
    if (!session?.lose(connection)) return;
    if (session.connections.size === 0) this.#end(session);
    else this.register.changed(session);
  }

  async #handshake(session: PeerSession): Promise<void> {
    const { peerId, signal } = session;
    try {
      const verdict = await this.hello.greet(peerId, signal);
      signal.throwIfAborted();
      this.register.greeted(session, verdict);
      session.settle(verdict);
      if (verdict === 'temporary') this.#stayBriefly(session);
    } catch (error) {
      const isTheirDoing = session.closing === undefined;
      const cause = session.close(asNetworkError(error, peerId));
      this.register.failed(session, cause, isTheirDoing);
      if (this.#sessions.get(peerId) === session) await this.disconnect(peerId, cause);
    }
  }

  #stayBriefly(session: PeerSession): void {
    const { peerId, direction } = session;
    const isVisit = direction === 'inbound' || this.hello.statusFor(peerId).temporaryDial;
    // One that has no room for us holds an outbound slot meanwhile, so it gets no more time than our own visitors do.
    this.#limitStay(session, isVisit ? TEMPORARY_LIMIT_MS : this.hello.courtesyMs);
    if (!isVisit) this.#turnedAway.next(peerId);
  }

  #limitStay({ peerId, signal }: PeerSession, ms: number): void {
    const cause = new NetworkError({ code: 'NETWORK.TEMPORARY_DIAL_DONE', peerId });
    const cancel = this.clock.setTimeout(() => void this.disconnect(peerId, cause), ms);
    signal.addEventListener('abort', cancel, { once: true });
  }

  async #expel(peerId: PeerId, cause: NetworkError): Promise<void> {
    if (this.#sessions.get(peerId)?.closing === undefined) await this.disconnect(peerId, cause);
  }

  /** The session's connections are gone. */
  #end(session: PeerSession): void {
    const { peerId } = session;
    if (this.#sessions.get(peerId) !== session) return;
    this.#sessions.delete(peerId);
    const cause = session.close(new NetworkError({ code: 'NETWORK.CONNECTION_CLOSED', peerId }));
    this.register.left(peerId, cause);
    session.slot.release();
    if (this.#stop.signal.aborted) return;
    for (const connection of this.#connectionsOf(peerId)) this.#onOpened(connection);
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
