import { errorFields } from '../../../common/app-error.js';
import type { Logger } from '../../../common/logger.port.js';
import type { PeerStore, StoredPeers } from '../ports/peer-store.port.js';

const NOTHING: StoredPeers = { peers: [], bans: [], pinned: [], audit: [] };

/** All that the store remembers. A store that cannot be read is as an empty one: the node works without a memory. Never rejects. */
export async function recallPeers(store: PeerStore, log: Logger): Promise<StoredPeers> {
  try {
    const { damaged, ...stored } = await store.read();
    if (damaged > 0) log.warn('records of the peer store are damaged and were left out', { count: damaged });
    return stored;
  } catch (error) {
    const fields = errorFields(error);
    log.warn('the peer store cannot be read: known peers, scores and bans are forgotten', fields);
    return NOTHING;
  }
}
