import type { PeerId, ProtocolId } from './types.js';

export const PEER_PROTOCOLS = Symbol('PEER_PROTOCOLS');

/** A gRPC method of a peer: where it lives and how its messages become bytes. */
export interface PeerMethod<Request, Response> {
  readonly protocol: ProtocolId;
  /** Such as `/v1.SyncPeer/GetBlocks`. */
  readonly path: string;
  readonly encode: (request: Request) => Uint8Array;
  /** Must throw on undecodable bytes. */
  readonly decode: (bytes: Uint8Array) => Response;
  readonly maxResponseBytes: number;
}

export interface PeerCallOptions {
  signal: AbortSignal;
}

export interface PeerStreamOptions extends PeerCallOptions {
  /** Longest wait for the first and between two messages. */
  idleTimeoutMs: number;
}

/**
 * gRPC to connected peers, each call over a fresh libp2p stream that is closed when the call ends.
 * Failures are `NetworkError`s: NETWORK.RPC_FAILED carries the gRPC status, NETWORK.RPC_TIMEOUT the deadline,
 * NETWORK.MESSAGE_TOO_LARGE, NETWORK.BAD_MESSAGE, and those of `Host.openStream`.
 */
export interface PeerProtocols {
  call<Request, Response>(
    peerId: PeerId,
    method: PeerMethod<Request, Response>,
    request: Request,
    options: PeerCallOptions & { timeoutMs: number },
  ): Promise<Response>;

  /** Server stream, pulled by the consumer: nothing more is read from the peer while the consumer does not ask. Breaking out cancels. */
  stream<Request, Response>(
    peerId: PeerId,
    method: PeerMethod<Request, Response>,
    request: Request,
    options: PeerStreamOptions,
  ): AsyncIterable<Response>;
}
