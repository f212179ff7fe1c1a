import type { PeerEvent } from '../network.events.js';
import type { PeerMishap } from '../ports/peers.port.js';
import type { PeerId } from '../ports/types.js';

/** Peers whose last mishap is remembered; identities cost nothing, so those of long ago give way. */
const MAX_PEERS = 4_096;

/** The last thing that went wrong with each peer. */
export class Mishaps {
  /** Oldest first. */
  readonly #last = new Map<PeerId, PeerMishap>();

  learn(event: PeerEvent): void {
    switch (event.type) {
      case 'peer:dial-failed':
        this.#note(event.peerId, { kind: 'dial', error: event.error, atMs: event.atMs });
        return;
      case 'peer:handshake-failed':
        this.#note(event.peerId, { kind: 'handshake', error: event.error, atMs: event.atMs });
        return;
      case 'peer:disconnected':
        this.#note(event.peerId, { kind: 'disconnect', error: event.cause, atMs: event.atMs });
        return;
      case 'peer:score-lowered':
        this.#note(event.peerId, { kind: 'conduct', error: event.error, atMs: event.atMs });
        return;
      case 'peer:quarantined':
        this.#note(event.peerId, { kind: 'quarantine', error: event.error, atMs: event.atMs });
        return;
    }
  }

  lastOf(peerId: PeerId): PeerMishap | undefined {
    return this.#last.get(peerId);
  }

  #note(peerId: PeerId, mishap: PeerMishap): void {
    this.#last.delete(peerId);
    this.#last.set(peerId, mishap);
    const [oldest] = this.#last.keys();
    if (this.#last.size > MAX_PEERS && oldest !== undefined) this.#last.delete(oldest);
  }
}
