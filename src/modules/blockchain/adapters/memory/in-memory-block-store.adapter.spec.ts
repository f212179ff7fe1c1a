import { blockStoreContract } from '../../../../../test/contract/block-store.contract.js';
import { blockStoreModelContract } from '../../../../../test/contract/block-store-model.contract.js';
import { blockStoreRetentionContract } from '../../../../../test/contract/block-store-retention.contract.js';
import { blockStoreStatesContract } from '../../../../../test/contract/block-store-states.contract.js';
import { InMemoryBlockStore } from './in-memory-block-store.adapter.js';

blockStoreContract('InMemoryBlockStore', async () => new InMemoryBlockStore());
blockStoreStatesContract('InMemoryBlockStore', async () => new InMemoryBlockStore());
blockStoreRetentionContract('InMemoryBlockStore', async () => new InMemoryBlockStore());
blockStoreModelContract('InMemoryBlockStore', () => async () => new InMemoryBlockStore(), {
  isDurable: false,
});
