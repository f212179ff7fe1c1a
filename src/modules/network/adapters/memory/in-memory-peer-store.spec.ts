import { peerStoreContract } from '../../../../../test/contract/peer-store.contract.js';
import { InMemoryPeerStore } from './in-memory-peer-store.js';

peerStoreContract('InMemoryPeerStore', async () => new InMemoryPeerStore());
