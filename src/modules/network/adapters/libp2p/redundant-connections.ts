import type { Clock } from '../../../../common/clock.js';
import { peerIdBytes } from '../../address/peer-id.js';
import type { HostConnection } from '../../ports/host.port.js';
import type { PeerId } from '../../ports/types.js';
import type { ConnectionEntry } from './connection-table.js';

/** For streams that began on a redundant connection to end before it closes, ms; new ones take the other. */
const GRACE_MS = 1_000;
/** How the agent of a node of ours begins. */
const OWN_KIND = 'edgekeeper';

/**
 * Whether a connection was dialed by the end with the lower peer ID, compared as bytes. Of two connections between
 * nodes of ours that one stays; both ends know it without a word.
 */
export function isDialedByLower(self: PeerId, { peerId, direction }: HostConnection): boolean {
  return direction === (isLower(self, peerId) ? 'outbound' : 'inbound');
}

/**
 * The connections to a peer that are one too many. Two arise when both ends dial at once. Only the end with the lower
 * ID closes, and only what the other end dialed, once its own dial is through: so the last connection is never closed.
 *
 * @param connections all that are open to the peer
 * @param agent what identify told of it
 * @returns none for other software: a Go node drops the peer when either connection closes
 */
export function redundantConnections(
  self: PeerId,
  connections: readonly HostConnection[],
  agent: string | undefined,
): readonly HostConnection[] {
  if (agent?.startsWith(OWN_KIND) !== true) return [];
  if (!connections.some((connection) => connection.direction === 'outbound')) return [];
  return connections.filter(
    (connection) => connection.direction === 'inbound' && isLower(self, connection.peerId),
  );
}

function isLower(one: PeerId, other: PeerId): boolean {
  return Buffer.compare(peerIdBytes(one), peerIdBytes(other)) < 0;
}

export interface RedundantConnectionsOptions {
  readonly self: PeerId;
  readonly clock: Clock;
  /** Those to the peer that are open. */
  readonly openTo: (peerId: PeerId) => readonly ConnectionEntry[];
  readonly agentOf: (peerId: PeerId) => string | undefined;
  readonly close: (entry: ConnectionEntry) => void;
}

/** Closes redundant connections a moment after they were found. */
export class RedundantConnections {
  /** By connection ID, what cancels its end. */
  readonly #ending = new Map<string, () => void>();

  constructor(private readonly options: RedundantConnectionsOptions) {}

  /** To be called when a connection to the peer opened, and when its agent is known. */
  check(peerId: PeerId): void {
    for (const { connection } of this.#redundantTo(peerId)) {
      const { id } = connection;
      if (this.#ending.has(id)) continue;
      const end = () => {
        this.#ending.delete(id);
        const still = this.#redundantTo(peerId).find((entry) => entry.connection.id === id);
        if (still !== undefined) this.options.close(still);
      };
      this.#ending.set(id, this.options.clock.setTimeout(end, GRACE_MS));
    }
  }

  /** The connection closed. */
  closed(connectionId: string): void {
    this.#ending.get(connectionId)?.();
    this.#ending.delete(connectionId);
  }

  #redundantTo(peerId: PeerId): readonly ConnectionEntry[] {
    const { self, openTo, agentOf } = this.options;
    const open = openTo(peerId);
    const connections = open.map(({ connection }) => connection);
    const redundant = redundantConnections(self, connections, agentOf(peerId));
    return open.filter(({ connection }) => redundant.includes(connection));
  }
}
