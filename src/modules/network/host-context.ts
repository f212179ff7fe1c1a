import type { Clock } from '../../common/clock.js';
import type { Logger } from '../../common/logger.port.js';
import type { ResourceLedger } from './limits/resource-ledger.js';
import type { NetworkConfig, NetworkSetup } from './network.config.js';
import type { NetworkError } from './network.errors.js';
import type { NetworkMetrics } from './network.metrics.js';
import type { ConnectionFilter, Host } from './ports/host.port.js';
import type { PeerId } from './ports/types.js';

/** What a host is made of. */
export interface HostContext {
  readonly config: NetworkConfig;
  /** The identity's key, and what names the chain. */
  readonly setup: NetworkSetup;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: NetworkMetrics;
  /** What peers hold; told when a connection closed. */
  readonly ledger: ResourceLedger;
  /** What identify and gRPC say of us, such as `edgekeeper/0.1.0`. */
  readonly agent: string;
  /** Bans, by address and by peer. */
  readonly isRefused: ConnectionFilter;
  /** What a neighbour did that its score must feel. */
  readonly onMisbehaviour: (peerId: PeerId, error: NetworkError) => void;
}

export type HostFactory = (context: HostContext) => Promise<Host>;
