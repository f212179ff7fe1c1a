import type { Observable } from 'rxjs';
import type { PeerAddress, PeerId } from './types.js';

/** All ways of finding peers that the configuration names: `readonly PeerDiscovery[]`. */
export const PEER_DISCOVERY = Symbol('PEER_DISCOVERY');

/** An address that somebody told. Nothing about it is checked but its form. */
export interface Candidate {
  readonly address: PeerAddress;
  /** Who told: a peer's ID, or the way's own name (`mdns`, `static`). Quotas are kept by it. */
  readonly source: string;
}

/** A way of finding peers. `start` and `stop` may be called twice; `stop` before `start` is fine. */
export interface PeerDiscovery {
  /** As configuration calls it. */
  readonly name: string;
  /**
   * While it is, nobody is asked for peers and none are told of; it may be set at any time, also before the start. What
   * others ask is answered, unless this way asks and answers by the same means. `locate` goes on.
   */
  isPaused: boolean;
  /** What was found, while started; hot, no replay, completes at stop, never errors. The same address may come again. */
  readonly candidates$: Observable<Candidate>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * Where a peer is, as far as this way knows; empty when it does not.
   * @throws {NetworkError} NETWORK.CANCELLED
   */
  locate(peerId: PeerId, options: { signal: AbortSignal }): Promise<readonly PeerAddress[]>;
}
