import type { PeerId } from './types.js';

export const PEER_STORE = Symbol('PEER_STORE');

/** Addresses kept of one peer. */
export const MAX_PEER_ADDRESSES = 8;
/** Reasons kept for one peer's score. */
export const MAX_SCORE_REASONS = 8;
/** Acts of control kept. */
export const MAX_AUDIT_ENTRIES = 1_000;

/** A transport by which a peer was told to be reachable, and how that went. Times are ms since the epoch. */
export interface StoredAddress {
  /** Multiaddr without `/p2p`; never empty. */
  readonly transport: string;
  /** When a dial there last led to a peer; undefined: never. */
  readonly reachedAtMs?: number | undefined;
  /** Failed dials since then, in a row. */
  readonly failures: number;
}

/** What is remembered of a peer from one run to the next. */
export interface PeerRecord {
  readonly peerId: PeerId;
  /** At most 8, best first. */
  readonly addresses: readonly StoredAddress[];
  /** When it was last in the peer table; undefined: never. */
  readonly seenAtMs?: number | undefined;
  /** 0 or below, as it was at `scoredAtMs`; it decays from there. */
  readonly score: number;
  readonly scoredAtMs: number;
  /** The latest reasons for the score, newest last, at most 8. */
  readonly reasons: readonly ScoreReason[];
  /** Neither dialed, admitted nor told to others until then: it is on another chain. */
  readonly quarantinedUntilMs?: number | undefined;
}

export interface ScoreReason {
  readonly atMs: number;
  /** Coded error that cost the points. */
  readonly code: string;
  /** Points taken, above 0. */
  readonly points: number;
}

/** A peer, or a network in CIDR form (one address is a /32 or /128). */
export type BanTarget =
  | { readonly kind: 'peer'; readonly peerId: PeerId }
  | { readonly kind: 'network'; readonly cidr: string };

export interface Ban {
  readonly target: BanTarget;
  readonly sinceMs: number;
  /** undefined: until it is lifted. */
  readonly untilMs?: number | undefined;
  readonly reason: string;
  /** Who did it: `score`, or an operator's name. */
  readonly by: string;
}

/** Peers of the operator's choice. `static` peers are kept connected, `trusted` ones only find a slot and are never judged. */
export interface PinnedPeer {
  readonly peerId: PeerId;
  readonly isTrusted: boolean;
  /** Where a static peer is; undefined: it is not static. */
  readonly staticTransport?: string | undefined;
}

/** One act of control over peers. */
export interface AuditEntry {
  readonly atMs: number;
  readonly action: 'ban' | 'unban' | 'remove' | 'trust' | 'untrust' | 'pin' | 'unpin';
  /** A peer ID or CIDR. */
  readonly target: string;
  readonly by: string;
  readonly reason: string;
}

export interface StoredPeers {
  readonly peers: readonly PeerRecord[];
  readonly bans: readonly Ban[];
  readonly pinned: readonly PinnedPeer[];
  /** Oldest first, at most 1,000. */
  readonly audit: readonly AuditEntry[];
}

/**
 * What changed since the last write. Entries replace those of the same peer or target; `audit` is appended. What is named
 * both as gone and as there is there.
 */
export interface PeerStoreChanges {
  readonly peers?: readonly PeerRecord[];
  readonly forgottenPeers?: readonly PeerId[];
  readonly bans?: readonly Ban[];
  readonly liftedBans?: readonly BanTarget[];
  readonly pinned?: readonly PinnedPeer[];
  readonly unpinned?: readonly PeerId[];
  readonly audit?: readonly AuditEntry[];
}

/**
 * Memory of peers that survives a restart. The caller holds everything in memory itself, reads once and writes changes.
 * Damaged records are left out of what is read, never guessed; `damaged` counts them.
 */
export interface PeerStore {
  /** @throws {NetworkError} NETWORK.STORE_FAILED */
  read(): Promise<StoredPeers & { readonly damaged: number }>;
  /** Durable, all or nothing, when it resolves. @throws {NetworkError} NETWORK.STORE_FAILED, also after `close` */
  write(changes: PeerStoreChanges): Promise<void>;
  /** Twice is fine. */
  close(): Promise<void>;
}
