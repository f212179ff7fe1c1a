import type { Stream } from '@libp2p/interface';
import type { ProtocolId } from '../../ports/types.js';
import { StreamDuplex } from './stream-duplex.js';

/** Streams of one protocol that a peer may hold open on one connection. Go peers leave theirs half-open for good. */
export const MAX_STREAMS_PER_PROTOCOL = 64;

/**
 * Streams that peers opened. At the limit the one idle for longest is reset and the new one stays.
 * @remarks Differs: the Go client has no such limit beyond its library's.
 */
export class InboundStreams {
  /** By connection, then by protocol. */
  readonly #open = new Map<string, Map<ProtocolId, Set<StreamDuplex>>>();

  accept(connectionId: string, protocol: ProtocolId, stream: Stream): StreamDuplex {
    const duplex = new StreamDuplex(stream);
    const ofConnection = this.#open.get(connectionId) ?? new Map<ProtocolId, Set<StreamDuplex>>();
    this.#open.set(connectionId, ofConnection);
    const siblings = ofConnection.get(protocol) ?? new Set();
    ofConnection.set(protocol, siblings);
    siblings.add(duplex);
    duplex.once('close', () => siblings.delete(duplex));
    if (siblings.size > MAX_STREAMS_PER_PROTOCOL) {
      let idlest = duplex;
      for (const sibling of siblings) if (sibling.lastActivity < idlest.lastActivity) idlest = sibling;
      siblings.delete(idlest);
      idlest.destroy(new Error('idle for longest of too many streams'));
    }
    return duplex;
  }

  connectionClosed(connectionId: string): void {
    this.#open.delete(connectionId);
  }
}
