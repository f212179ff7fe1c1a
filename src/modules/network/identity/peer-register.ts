import type { Logger } from '../../../common/logger.port.js';
import { onEvent } from '../../../common/on-event.js';
import type { Conduct } from '../conduct/conduct.service.js';
import type { NetworkError } from '../network.errors.js';
import type { NetworkMetrics } from '../network.metrics.js';
import type { PeerTable } from '../peers/peer-table.js';
import type { HostConnection } from '../ports/host.port.js';
import type { Direction, PeerId } from '../ports/types.js';
import type { ConnectionSlots } from '../slots/connection-slots.js';
import type { HelloVerdict } from './hello.js';
import type { PeerSession } from './peer-session.js';
import type { Quarantine } from './quarantine.js';

/** Writes down what became of connections: in the peer table, its events, the metrics and the peer's score. */
export class PeerRegister {
  constructor(
    private readonly table: PeerTable,
    private readonly slots: ConnectionSlots,
    private readonly conduct: Pick<Conduct, 'judge'>,
    private readonly quarantine: Pick<Quarantine, 'impose'>,
    private readonly log: Logger,
    private readonly metrics: NetworkMetrics,
  ) {}

  start(signal: AbortSignal): void {
    onEvent(this.slots.changed$, () => this.#showSlots(), { signal, log: this.log });
  }

  /** Ends the stream of events. */
  complete(): void {
    this.table.complete();
  }

  /** A handshake ended well. Only a `peer` goes into the table. */
  greeted(session: PeerSession, verdict: HelloVerdict): void {
    const { peerId, direction } = session;
    this.metrics.handshakeFinished(direction, verdict);
    if (verdict !== 'peer') return;
    session.slot.activate();
    this.table.add(peerId, direction, session.directions());
    this.metrics.peers(this.table.size);
    this.log.debug('peer connected', { peerId, direction });
  }

  /** Connections of a session came or went, others stay. */
  changed(session: PeerSession): void {
    this.table.setDirections(session.peerId, session.directions());
  }

  /** A session's connections are gone. */
  left(peerId: PeerId, cause: NetworkError): void {
    if (this.table.has(peerId)) this.metrics.peerLeft(cause.code);
    this.table.remove(peerId, cause);
    this.metrics.peers(this.table.size);
  }

  /**
   * A connection was closed before Hello. That is no event when one comes in by itself that is to be left alone or has
   * lost its credit: it would come again and again.
   */
  refused({ peerId, direction }: HostConnection, error: NetworkError): void {
    const isUnwanted = error.code === 'NETWORK.QUARANTINED' || error.code === 'NETWORK.SCORE_TOO_LOW';
    this.#failed(peerId, direction, error, !isUnwanted || direction === 'outbound');
  }

  /** A handshake ended otherwise. The end of a temporary dial and our own stop are no failures. */
  failed({ peerId, direction }: PeerSession, error: NetworkError, isTheirDoing: boolean): void {
    if (error.code === 'NETWORK.CANCELLED' || error.code === 'NETWORK.TEMPORARY_DIAL_DONE') return;
    this.#failed(peerId, direction, error, true);
    if (!isTheirDoing) return;
    this.conduct.judge(peerId, error);
    if (error.code === 'NETWORK.CHAIN_MISMATCH') this.quarantine.impose(peerId, error);
  }

  #failed(peerId: PeerId, direction: Direction, error: NetworkError, isEvent: boolean): void {
    this.metrics.handshakeFinished(direction, error.code);
    this.log.debug('handshake failed', { peerId, direction, code: error.code });
    if (isEvent) this.table.announce({ type: 'peer:handshake-failed', peerId, direction, error });
  }

  #showSlots(): void {
    const usage = this.slots.usage();
    for (const direction of ['inbound', 'outbound'] as const) {
      const { active, pending } = usage[direction];
      this.metrics.connections(direction, active, pending);
    }
    this.metrics.sideSlots(usage.reserved, usage.courtesy);
  }
}
