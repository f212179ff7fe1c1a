import { isPublic } from '../address/reachability.js';
import type { Host } from '../ports/host.port.js';
import type { PeerId } from '../ports/types.js';

/** Addresses looked at per peer; what a peer says of itself in identify is open-ended. */
const MAX_TRANSPORTS = 16;

/** Where a connected peer may be reached: what it says of itself, then where we dialed it. */
export function knownTransports(host: Host, peerId: PeerId): string[] {
  const dialed = host
    .connections()
    .filter((connection) => connection.peerId === peerId && connection.direction === 'outbound')
    .map(({ remote }) => remote);
  return [...host.peerInfo(peerId).addresses.slice(0, MAX_TRANSPORTS), ...dialed];
}

/** Whether the peer is connected from a public address. */
export function seenFromOutside(host: Host, peerId: PeerId): boolean {
  return host.connections().some((connection) => connection.peerId === peerId && isPublic(connection.remote));
}
