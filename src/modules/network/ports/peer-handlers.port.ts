import type { PeerId } from './types.js';

export const PEER_HANDLERS = Symbol('PEER_HANDLERS');

/** The caller's side of a call that a peer made to us. */
export interface PeerCall {
  /** The authenticated peer, never a claimed one. */
  readonly peerId: PeerId;
  /** Aborts when the peer cancels, its deadline passes or the stream ends. */
  readonly signal: AbortSignal;
}

/** A server stream towards a peer; satisfies `StreamCall` of common/pull-stream. Small messages leave together. */
export interface PeerStreamCall extends PeerCall {
  /** False when the peer reads slower than we write: wait for `drain`. */
  write(message: unknown): boolean;
  readonly writableNeedDrain: boolean;
  once(event: 'drain', listener: () => void): unknown;
  off(event: 'drain', listener: () => void): unknown;
  /** Resolves when nothing waits to be sent, or the call is over. */
  allSent(): Promise<void>;
  /** Ends the call at once, by a reset; what waits to be sent is dropped. */
  reset(): void;
}

interface HandlerCodec {
  /** Must throw on undecodable bytes; the caller gets INVALID_ARGUMENT. */
  readonly decode: (bytes: Uint8Array) => unknown;
  readonly encode: (message: unknown) => Uint8Array;
  readonly maxRequestBytes: number;
}

/** How a method is answered. What a handler throws goes out by `code` and `details` (GrpcStatusError), anything else as INTERNAL. */
export type PeerMethodHandler =
  | (HandlerCodec & {
      readonly kind: 'unary';
      readonly handle: (request: unknown, call: PeerCall) => Promise<unknown>;
    })
  | (HandlerCodec & {
      readonly kind: 'server-stream';
      /** The stream ends OK when this resolves. */
      readonly handle: (request: unknown, call: PeerStreamCall) => Promise<void>;
    });

/** Asked of the application: which handler answers `/v1.<Service>/<Method>`. The network asks only for services on its allow-list. */
export interface PeerHandlers {
  find(service: string, method: string): PeerMethodHandler | undefined;
}
