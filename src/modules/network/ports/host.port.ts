import type { Duplex } from 'node:stream';
import type { Observable } from 'rxjs';
import type { PeerDiscovery } from './peer-discovery.port.js';
import type { Direction, PeerAddress, PeerId, ProtocolId } from './types.js';

export const HOST = Symbol('HOST');

/** One live connection. A peer may have several. */
export interface HostConnection {
  readonly id: string;
  readonly peerId: PeerId;
  readonly direction: Direction;
  /** Multiaddr of the other end, without `/p2p`. */
  readonly remote: string;
  readonly openedAtMs: number;
}

/**
 * `connection:opened` fires when a connection is authenticated and can carry streams;
 * `connections()` contains it at that moment. `connection:closed` fires once for each opened one, after it left the list.
 */
export type HostEvent =
  | { readonly type: 'connection:opened'; readonly connection: HostConnection }
  | { readonly type: 'connection:closed'; readonly connection: HostConnection };

/** What identify told of a peer, and how far away it is; empty lists when unknown. */
export interface HostPeerInfo {
  readonly protocols: readonly ProtocolId[];
  /** Multiaddrs without `/p2p`. */
  readonly addresses: readonly string[];
  readonly agent: string | undefined;
  /** Round trip of the latest ping, ms; undefined before the first, which follows soon after the connection. */
  readonly latencyMs: number | undefined;
}

/** A message from gossip whose signature was verified. */
export interface HostMessage {
  readonly topic: string;
  /** The authenticated author. */
  readonly from: PeerId;
  /** The neighbour that handed it to us. */
  readonly receivedFrom: PeerId;
  readonly data: Uint8Array;
}

/** Longest gossip message, bytes: Go peers take RPCs of up to 1 MiB, envelope included. */
export const MAX_GOSSIP_BYTES = 1024 * 1024 - 1024;

/** accept = deliver and relay, ignore = neither, reject = neither, and the neighbour is blamed. */
export type TopicVerdict = 'accept' | 'ignore' | 'reject';

/**
 * A stream opened by a peer. The handler owns it: it must consume or destroy it.
 * Errors on the stream are plain `Error`s; the stream never throws from read or write.
 */
export type StreamHandler = (stream: Duplex, connection: HostConnection) => void;

/**
 * Asked before a connection costs anything: first when the socket is accepted (no peer ID yet), again when the peer is
 * authenticated, and before each dial. True refuses it. Must be quick and must not throw.
 *
 * @param remote multiaddr of the other end, without `/p2p`
 */
export type ConnectionFilter = (remote: string, peerId: PeerId | undefined) => boolean;

/**
 * What the network layer asks of the world: connections, byte streams and raw gossip.
 * `start` and `stop` may be called twice; `stop` before `start` is fine; after `stop` no event fires.
 */
export interface Host {
  readonly peerId: PeerId;
  readonly events$: Observable<HostEvent>;
  /** Ways of finding peers that live in the host's own stack, as far as configuration names them. */
  readonly discoveries: readonly PeerDiscovery[];

  /** Listens and begins to take connections. @throws {NetworkError} NETWORK.LISTEN_FAILED */
  start(): Promise<void>;
  stop(): Promise<void>;

  /** Advertised multiaddrs without `/p2p`; empty before start. */
  addresses(): readonly string[];

  /**
   * Resolves with a connection to exactly that peer, an existing one included, and one that the peer opens meanwhile.
   * @throws {NetworkError} NETWORK.DIAL_FAILED | NETWORK.DIAL_TIMEOUT | NETWORK.BANNED | NETWORK.CANCELLED
   */
  dial(address: PeerAddress, options: { signal: AbortSignal; timeoutMs: number }): Promise<HostConnection>;

  /** Closes every connection to the peer; resolves when they are gone. Unknown peers are fine. */
  disconnect(peerId: PeerId): Promise<void>;

  connections(): readonly HostConnection[];

  peerInfo(peerId: PeerId): HostPeerInfo;

  /** Keeps addresses by which `dial` and `openStream` can reach the peer. */
  rememberAddress(address: PeerAddress): void;

  /**
   * Opens a byte stream over an existing connection; never dials.
   * @throws {NetworkError} NETWORK.NOT_CONNECTED | NETWORK.PROTOCOL_UNSUPPORTED | NETWORK.STREAM_FAILED | NETWORK.CANCELLED
   */
  openStream(peerId: PeerId, protocol: ProtocolId, options: { signal: AbortSignal }): Promise<Duplex>;

  /** Serves a protocol; allowed before start. A second handler for the same protocol replaces the first. */
  handle(protocol: ProtocolId, handler: StreamHandler): void;
  unhandle(protocol: ProtocolId): void;

  /** Joins a topic; every verified message is put to the validator and, if accepted, relayed. */
  subscribe(topic: string, validator: (message: HostMessage) => TopicVerdict): void;
  unsubscribe(topic: string): void;
  /**
   * Resolves once handed to the mesh, also when nobody listens.
   * @returns how many neighbours it was sent to.
   * @throws {NetworkError} NETWORK.PUBLISH_FAILED
   */
  publish(topic: string, data: Uint8Array): Promise<number>;
}
