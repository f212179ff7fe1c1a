import type { PeerId } from '@libp2p/interface';
import type { KadDHTComponents } from '@libp2p/kad-dht';
import { overriding } from './overriding.js';
import { capBytes } from './rationed-streams.js';

/** Longest answer that is read, bytes: 20 peers with some addresses each are 4 KB. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * The node as the DHT may see it: it speaks to peers that are connected, and leaves no trace. By itself it would dial
 * everyone it hears of, resolve the names they tell, keep what strangers ask it to keep, and tag its neighbours to be
 * dialed again for ever.
 */
export function dhtComponents(components: KadDHTComponents): KadDHTComponents {
  const { peerId, privateKey, registrar, addressManager, events, logger, ping } = components;
  const { connectionManager, datastore, peerStore } = components;
  return {
    ...{ peerId, privateKey, registrar, addressManager, events, logger, ping },
    connectionManager: overriding(connectionManager, {
      isDialable: async () => false,
      openStream: async (to, protocol, options) => {
        const [connection] = connectionManager.getConnections(to as PeerId);
        if (connection === undefined) throw new Error('only connected peers are asked');
        const stream = await connection.newStream(protocol, options);
        capBytes(stream, MAX_ANSWER_BYTES);
        return stream;
      },
    }),
    // Questions for records fail as well: their answers would tell addresses that nobody filtered.
    datastore: overriding(datastore, { put: refuse, get: refuse }),
    peerStore: overriding(peerStore, {
      all: async () => [],
      // Nobody looks at what comes back.
      merge: () => peerStore.get(peerId),
    }),
  };
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('records are not kept'));
}
