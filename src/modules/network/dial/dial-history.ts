import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { onEvent } from '../../../common/on-event.js';
import { PeerBook } from '../book/peer-book.js';
import type { PeerEvent } from '../network.events.js';
import { NETWORK_LOG } from '../network.log.js';
import { PeerTable } from '../peers/peer-table.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { DialBackoff } from './backoff.js';

/** A connection that lasted this long shows that the peer is well; a shorter one counts as a failed try. */
export const STABLE_AFTER_MS = 30_000;

/**
 * Learns from how dials and connections end: whom to leave alone for a while, and which addresses are worth another try.
 */
@Injectable()
export class DialHistory {
  /** When the peers of the table came, by the monotonic clock. */
  readonly #sinceMs = new Map<PeerId, number>();

  constructor(
    private readonly table: PeerTable,
    private readonly backoff: DialBackoff,
    private readonly book: PeerBook,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(NETWORK_LOG) private readonly log: Logger,
  ) {}

  start(signal: AbortSignal): void {
    onEvent(this.table.events$, (event) => this.#learn(event), { signal, log: this.log });
  }

  /**
   * Where to try next. Each second try in a row goes to the best other address that is known, so that neither a wrong
   * address in genesis nor a rumour keeps us from a peer.
   */
  nextTry(address: PeerAddress, isUsable: (address: PeerAddress) => boolean): PeerAddress {
    const { peerId } = address;
    if (this.backoff.failuresOf(peerId) % 2 === 0) return address;
    for (const transport of this.book.addressesOf(peerId)) {
      const other = { peerId, transport };
      if (transport !== address.transport && isUsable(other)) return other;
    }
    return address;
  }

  /** A dial there led to a peer. */
  reached(address: PeerAddress): void {
    this.book.reached(address);
  }

  /** The peer is well and has no room for us. */
  turnedAway(peerId: PeerId): void {
    this.backoff.failed(peerId);
  }

  #learn(event: PeerEvent): void {
    switch (event.type) {
      case 'peer:connected':
        this.#sinceMs.set(event.peerId, this.clock.monotonicMs());
        this.book.seen(event.peerId);
        return;
      case 'peer:disconnected':
        this.#parted(event.peerId);
        return;
      case 'peer:dial-failed':
        this.backoff.failed(event.peerId);
        return;
      case 'peer:handshake-failed':
        if (event.direction === 'outbound') this.backoff.failed(event.peerId);
        return;
    }
  }

  /** A peer that comes and goes waits longer each time; one that stayed is soon dialed again. */
  #parted(peerId: PeerId): void {
    const nowMs = this.clock.monotonicMs();
    const stayedMs = nowMs - (this.#sinceMs.get(peerId) ?? nowMs);
    this.#sinceMs.delete(peerId);
    this.book.seen(peerId);
    if (stayedMs >= STABLE_AFTER_MS) this.backoff.succeeded(peerId);
    this.backoff.failed(peerId);
  }
}
