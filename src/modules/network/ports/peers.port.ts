import type { Observable } from 'rxjs';
import type { NetworkError } from '../network.errors.js';
import type { PeerEvent } from '../network.events.js';
import type { Direction, PeerAddress, PeerId } from './types.js';

export const PEERS = Symbol('PEERS');

/** A peer whose handshake is done. */
export interface PeerInfo {
  readonly peerId: PeerId;
  readonly directions: readonly Direction[];
  readonly connectedAtMs: number;
}

/** What is known of any peer ID, connected or not. */
export interface PeerDetails {
  readonly peerId: PeerId;
  readonly protocols: readonly string[];
  /** Multiaddrs without `/p2p`. */
  readonly addresses: readonly string[];
}

/** The peer table and the control over it. */
export interface Peers {
  readonly self: PeerId;
  /** Facts, no replay. `list()` already reflects an event when it fires. */
  readonly events$: Observable<PeerEvent>;

  /** Own advertised multiaddr as the Go client shows it: first one, non-loopback preferred, with `/p2p`. */
  selfAddress(): PeerAddress | undefined;
  /** Snapshot of the peer table; self and temporary dials are not in it. The caller owns the array. */
  list(): readonly PeerInfo[];
  has(peerId: PeerId): boolean;
  describe(peerId: PeerId): PeerDetails;

  /** Queues a dial with the highest priority and returns at once; the outcome is an event. */
  requestDial(address: PeerAddress): void;

  /** A consumer tells what a peer did; `peerActionFor` decides the consequence (nothing, or the connection is closed). */
  report(peerId: PeerId, error: PeerFault): void;

  /** Closes all connections to the peer. */
  disconnect(peerId: PeerId, cause: NetworkError): Promise<void>;
}

/** What consumers (sync, …) hold against a peer. `severity` is what the reporter knows; the network decides. */
export interface PeerFault {
  readonly code: string;
  readonly message: string;
  /** retry = may be chance; drop = close the connection. */
  readonly severity: 'retry' | 'drop';
}
