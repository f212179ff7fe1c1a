import type { Clock } from '../../common/clock.js';
import type { Logger } from '../../common/logger.port.js';
import { peerIdOfKey } from './adapters/libp2p/keys.js';
import { createLibp2pHost } from './adapters/libp2p/libp2p-host.js';
import { InMemoryHost } from './adapters/memory/in-memory-host.js';
import { MemoryNetwork } from './adapters/memory/memory-network.js';
import type { NetworkConfig } from './network.config.js';
import type { Host } from './ports/host.port.js';

interface HostContext {
  readonly config: NetworkConfig;
  /** The 32-byte secp256k1 scalar of the node's identity. */
  readonly networkKey: Uint8Array;
  readonly clock: Clock;
  readonly log: Logger;
  /** What identify and gRPC say of us, such as `edgekeeper/0.1.0`. */
  readonly agent: string;
  /** A gossip message was dropped because its neighbour sent too many. */
  readonly onGossipDropped: () => void;
}

export type HostFactory = (context: HostContext) => Promise<Host>;

/**
 * The host that the configuration names. In memory a node is alone; nodes that are to meet share a network by a factory of their own.
 *
 * @throws {NetworkError} NETWORK.SETUP_INVALID | NETWORK.LISTEN_FAILED | NETWORK.BAD_ADDRESS
 */
export const createHost: HostFactory = async ({ config, networkKey, clock, log, agent, onGossipDropped }) => {
  switch (config.adapter) {
    case 'libp2p':
      return createLibp2pHost({ config, networkKey, clock, log, agent, onGossipDropped });
    case 'memory':
      return new InMemoryHost({ network: new MemoryNetwork(), peerId: peerIdOfKey(networkKey), clock });
  }
};
