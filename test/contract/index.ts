import type { BlockStore } from '../../src/modules/blockchain/ports/block-store.port.js';
import { blockStoreContract } from './block-store.contract.js';
import { blockStoreModelContract } from './block-store-model.contract.js';
import { blockStoreRetentionContract } from './block-store-retention.contract.js';
import { blockStoreStatesContract } from './block-store-states.contract.js';

/** `edgekeeper/testing`, bundled by scripts/bundle-testing.mjs: suites for adapters of others, and fakes for their tests. */
export { SilentLogger } from '../../src/common/logger.port.js';
export { InMemoryBlockStore } from '../../src/modules/blockchain/adapters/memory/in-memory-block-store.adapter.js';
export { type FakeBlockOptions, FakeChain, fakeBlock, fakeBlocks } from '../support/fake-chain.js';
export { ManualClock } from '../support/manual-clock.js';
export { aStoredBlock, storedBlocks, storedHash, storedState } from '../support/stored-blocks.js';
export { type TestRunner, useTestRunner } from '../support/test-runner.js';

/**
 * All that every BlockStore has to keep, as tests of the runner at hand: one with the functions of jest as globals
 * (jest, vitest with `globals`), or what `useTestRunner` was given.
 * @param newStore Names a place for a new store; what it gives opens that store, again and again if it is durable.
 */
export function blockStoreContracts(
  name: string,
  newStore: () => () => Promise<BlockStore>,
  options: { readonly isDurable: boolean },
): void {
  const open = () => newStore()();
  blockStoreContract(name, open);
  blockStoreStatesContract(name, open);
  blockStoreRetentionContract(name, open);
  blockStoreModelContract(name, newStore, options);
}
