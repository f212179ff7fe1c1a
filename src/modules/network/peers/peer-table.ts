import { type Observable, Subject } from 'rxjs';
import type { Clock } from '../../../common/clock.js';
import type { NetworkError } from '../network.errors.js';
import type { PeerEvent } from '../network.events.js';
import type { PeerInfo, PeerMishap } from '../ports/peers.port.js';
import type { Direction, PeerId } from '../ports/types.js';
import { Mishaps } from './mishaps.js';

type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'atMs'> : never;

/** Events that change no entry; the table stamps and publishes them so that all facts about peers keep one order. */
export type PeerAnnouncement = WithoutTime<
  Exclude<PeerEvent, { type: 'peer:connected' } | { type: 'peer:disconnected' }>
>;

/**
 * The peers whose handshake is done, and the one stream of facts about peers. An entry changes before its event fires.
 *
 * @see polygon-edge@597a0f3 network/server_identity.go addPeerInfo
 * @remarks Differs: a second connection makes no second event, and an entry lives until the last connection closes.
 */
export class PeerTable {
  readonly #peers = new Map<PeerId, PeerInfo>();
  readonly #events = new Subject<PeerEvent>();
  readonly #mishaps = new Mishaps();

  readonly events$: Observable<PeerEvent> = this.#events.asObservable();

  constructor(private readonly clock: Clock) {}

  get size(): number {
    return this.#peers.size;
  }

  has(peerId: PeerId): boolean {
    return this.#peers.has(peerId);
  }

  /** Snapshot in the order of arrival; the caller owns the array. */
  list(): PeerInfo[] {
    return [...this.#peers.values()];
  }

  /** Publishes `peer:connected`. `direction` is that of the connection whose handshake it was. */
  add(peerId: PeerId, direction: Direction, directions: readonly Direction[]): void {
    const atMs = this.clock.nowMs();
    this.#peers.set(peerId, { peerId, directions, connectedAtMs: atMs });
    this.#publish({ type: 'peer:connected', peerId, direction, atMs });
  }

  /** Connections of a known peer came or went. No event. */
  setDirections(peerId: PeerId, directions: readonly Direction[]): void {
    const info = this.#peers.get(peerId);
    if (info !== undefined) this.#peers.set(peerId, { ...info, directions });
  }

  /** Publishes `peer:disconnected`; nothing happens for an unknown peer. */
  remove(peerId: PeerId, cause: NetworkError): void {
    if (!this.#peers.delete(peerId)) return;
    this.#publish({ type: 'peer:disconnected', peerId, cause, atMs: this.clock.nowMs() });
  }

  announce(announcement: PeerAnnouncement): void {
    this.#publish({ ...announcement, atMs: this.clock.nowMs() });
  }

  /** The last thing that went wrong with the peer, connected or not. It reflects an event when that fires. */
  lastMishapOf(peerId: PeerId): PeerMishap | undefined {
    return this.#mishaps.lastOf(peerId);
  }

  #publish(event: PeerEvent): void {
    this.#mishaps.learn(event);
    this.#events.next(event);
  }

  /** Ends the stream; later events go nowhere. */
  complete(): void {
    this.#events.complete();
  }
}
