import { Inject, Injectable } from '@nestjs/common';
import { endWith, filter, type Observable } from 'rxjs';
import { CLOCK, type Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { onEvent } from '../../../common/on-event.js';
import { DialService } from '../dial/dial.service.js';
import { IdentityService } from '../identity/identity.service.js';
import { NETWORK_CONFIG, type NetworkConfig } from '../network.config.js';
import { NetworkError } from '../network.errors.js';
import type { PeerEvent } from '../network.events.js';
import { NETWORK_LOG } from '../network.log.js';
import { HOST, type Host } from '../ports/host.port.js';
import type { AddProgress } from '../ports/peers.port.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { AddRequest } from './add-request.js';
import { PeerTable } from './peer-table.js';

/** Longest wait for a slot, ms; what follows has the deadlines of dial and handshake. */
const QUEUE_PATIENCE_MS = 30_000;
const MAX_REQUESTS = 1_024;

/** Dials that somebody asked for, with their outcome. */
@Injectable()
export class AddRequests {
  readonly #running = new Map<PeerId, AddRequest>();

  constructor(
    private readonly dials: DialService,
    private readonly identity: IdentityService,
    private readonly table: PeerTable,
    @Inject(HOST) private readonly host: Host,
    @Inject(NETWORK_CONFIG) private readonly config: NetworkConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(NETWORK_LOG) private readonly log: Logger,
  ) {}

  /** As `Peers.add` says. Whoever asks for a peer that is being added gets the same stream. */
  add(address: PeerAddress): Observable<AddProgress> {
    const { peerId } = address;
    const running = this.#running.get(peerId);
    if (running !== undefined) return running.progress$;
    const request = new AddRequest();
    if (this.table.has(peerId)) request.connected();
    else if (this.#running.size >= MAX_REQUESTS) {
      request.fail(new NetworkError({ code: 'NETWORK.QUEUE_FULL', peerId }));
    } else this.#begin(address, request);
    return request.progress$;
  }

  #begin(address: PeerAddress, request: AddRequest): void {
    const { peerId } = address;
    this.#running.set(peerId, request);
    request.signal.addEventListener('abort', () => this.#running.delete(peerId), { once: true });
    this.#follow(peerId, request);
    const refusal = this.dials.request(address);
    if (refusal !== undefined) {
      request.fail(refusal);
      return;
    }
    request.reach('queued');
    this.host.rememberAddress(address);
  }

  #follow(peerId: PeerId, request: AddRequest): void {
    const { dialTimeoutMs, handshakeTimeoutMs } = this.config;
    const deadlineMs = QUEUE_PATIENCE_MS + dialTimeoutMs + handshakeTimeoutMs;
    const onDeadline = () => request.fail(lateness(peerId, request, deadlineMs));
    request.signal.addEventListener('abort', this.clock.setTimeout(onDeadline, deadlineMs), { once: true });
    const options = { signal: request.signal, log: this.log };
    const facts$ = this.table.events$.pipe(
      filter((event) => isOf(event, peerId)),
      endWith(undefined),
    );
    onEvent(facts$, (event) => this.#onFact(peerId, request, event), options);
    const opened$ = this.host.events$.pipe(
      filter(({ type, connection }) => type === 'connection:opened' && connection.peerId === peerId),
    );
    onEvent(opened$, () => onOpened(request), options);
    const turnedAway$ = this.identity.turnedAway$.pipe(filter((other) => other === peerId));
    onEvent(turnedAway$, () => onTurnedAway(peerId, request), options);
  }

  /** Other dials of the peer, and its own to us, may come to nothing while this one waits. */
  #onFact(peerId: PeerId, request: AddRequest, event: PeerEvent | undefined): void {
    switch (event?.type) {
      case undefined:
        request.fail(new NetworkError({ code: 'NETWORK.CANCELLED' }));
        break;
      case 'peer:dial-queued':
        request.reach('queued');
        break;
      case 'peer:dial-started':
        request.reach('dialing');
        break;
      case 'peer:connected':
        request.connected();
        break;
      case 'peer:dial-failed':
        if (request.stage !== 'handshake' && !this.dials.isQueued(peerId)) request.fail(event.error);
        break;
      case 'peer:handshake-failed':
        if (request.stage === 'queued') break;
        request.reach('handshake');
        request.fail(event.error);
        break;
    }
  }
}

function onOpened(request: AddRequest): void {
  if (request.stage === 'dialing') request.reach('handshake');
}

function onTurnedAway(peerId: PeerId, request: AddRequest): void {
  if (request.stage !== 'handshake') return;
  request.fail(new NetworkError({ code: 'NETWORK.NO_FREE_SLOT', peerId, direction: 'outbound' }));
}

function isOf(event: PeerEvent, peerId: PeerId): boolean {
  if ('address' in event) return event.address.peerId === peerId;
  return 'peerId' in event && event.peerId === peerId;
}

function lateness(peerId: PeerId, { stage }: AddRequest, timeoutMs: number): NetworkError {
  return stage === 'queued'
    ? new NetworkError({ code: 'NETWORK.NO_FREE_SLOT', peerId, direction: 'outbound' })
    : new NetworkError({ code: 'NETWORK.DIAL_TIMEOUT', peerId, timeoutMs });
}
