import type { Observable } from 'rxjs';
import type { NetworkError } from '../network.errors.js';
import type { PeerEvent } from '../network.events.js';
import type { Ban, ScoreReason, StoredAddress } from './peer-store.port.js';
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
  readonly agent: string | undefined;
  /** 0 or below; what it fell for is in `reasons`, newest last. */
  readonly score: number;
  readonly reasons: readonly ScoreReason[];
  readonly isTrusted: boolean;
  readonly isStatic: boolean;
  /** The ban that holds for this peer's ID now. */
  readonly ban: Ban | undefined;
  readonly quarantinedUntilMs: number | undefined;
  /** Round trip of the latest ping, ms. */
  readonly latencyMs: number | undefined;
  /** Bytes on the wire since it came; undefined when it is not connected. */
  readonly traffic: { readonly receivedBytes: number; readonly sentBytes: number } | undefined;
  readonly lastMishap: PeerMishap | undefined;
}

/** Something that went wrong with a peer, and what it was about. */
export interface PeerMishap {
  readonly kind: 'dial' | 'handshake' | 'disconnect' | 'conduct' | 'quarantine';
  readonly error: NetworkError;
  readonly atMs: number;
}

/** What decides whether a peer is or will be connected. */
export interface PeerStanding {
  readonly isSelf: boolean;
  /** The chain or the operator named it: it is dialed for as long as it is away. */
  readonly isNamed: boolean;
  /** Where it may be, best first, with the ban that holds for the network around. */
  readonly addresses: readonly (StoredAddress & { readonly ban: Ban | undefined })[];
  /** When it was last in the peer table; undefined: never. */
  readonly seenAtMs: number | undefined;
  /** undefined: no dial waits or is under way. */
  readonly dial: 'queued' | 'dialing' | undefined;
  /** Discovery told of it, and it waits for its turn. */
  readonly isCandidate: boolean;
  /** Failures in a row, and how long nobody dials it by himself because of them, ms. */
  readonly failures: number;
  readonly retryInMs: number;
  /** It has a bad name, and is not let in until that has faded. */
  readonly isScoreTooLow: boolean;
  /** Ordinary slots. */
  readonly slots: Readonly<Record<Direction, { readonly taken: number; readonly limit: number }>>;
}

/** How far an `add` has come. `connected` and `failed` are last; `failed` says at which stage and why. */
export type AddProgress =
  | { readonly stage: 'queued' }
  | { readonly stage: 'dialing' }
  | { readonly stage: 'handshake' }
  | { readonly stage: 'connected' }
  | { readonly stage: 'failed'; readonly at: 'queue' | 'dial' | 'handshake'; readonly error: NetworkError };

/** The peer table, and what anyone may ask of it. */
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
  standing(peerId: PeerId): PeerStanding;
  /** Peers remembered that are not connected, the most valuable first, at most `limit`. */
  remembered(limit: number): readonly PeerId[];

  /**
   * Queues a dial with the highest priority. Work begins at the call, not at the subscription; the stream replays the
   * stages so far, ends with `connected` or `failed`, and never errors. Unsubscribing does not cancel the dial.
   * Who waits too long for a slot hears NETWORK.NO_FREE_SLOT, and the dial waits on.
   */
  add(address: PeerAddress): Observable<AddProgress>;
  /** A consumer tells what a peer did; the table of consequences decides (nothing, lower score, drop, ban). */
  report(peerId: PeerId, fault: PeerFault): void;
  /** A consumer had use for what the peer gave; it does not have to make room for others so soon. */
  markUseful(peerId: PeerId): void;

  /** Closes all connections to the peer. */
  disconnect(peerId: PeerId, cause: NetworkError): Promise<void>;
}

/** What consumers (sync, …) hold against a peer. `severity` is what the reporter knows; the network decides. */
export interface PeerFault {
  readonly code: string;
  readonly message: string;
  /** retry = may be chance; lower = it counts, the connection stays; drop = close the connection. */
  readonly severity: 'retry' | 'lower' | 'drop';
}
