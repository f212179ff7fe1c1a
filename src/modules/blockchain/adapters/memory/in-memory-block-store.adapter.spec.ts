import { blockStoreContract } from '../../../../../test/contract/block-store.contract.js';
import { InMemoryBlockStore } from './in-memory-block-store.adapter.js';

blockStoreContract('InMemoryBlockStore', async () => new InMemoryBlockStore());
