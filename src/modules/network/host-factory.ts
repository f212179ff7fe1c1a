import { peerIdOfKey } from './adapters/libp2p/keys.js';
import { createLibp2pHost } from './adapters/libp2p/libp2p-host.js';
import { InMemoryHost } from './adapters/memory/in-memory-host.js';
import { MemoryNetwork } from './adapters/memory/memory-network.js';
import type { HostFactory } from './host-context.js';

/**
 * The host that the configuration names. In memory a node is alone; nodes that are to meet share a network by a factory of their own.
 *
 * @throws {NetworkError} NETWORK.SETUP_INVALID | NETWORK.LISTEN_FAILED | NETWORK.BAD_ADDRESS
 */
export const createHost: HostFactory = async (context) => {
  switch (context.config.adapter) {
    case 'libp2p':
      return createLibp2pHost(context);
    case 'memory': {
      const peerId = peerIdOfKey(context.setup.networkKey);
      const { clock, isRefused } = context;
      return new InMemoryHost({ network: new MemoryNetwork(), peerId, clock, isRefused });
    }
  }
};
