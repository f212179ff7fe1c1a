import { describe, expect, it } from '@jest/globals';
import { SilentLogger } from '../../../../common/logger.port.js';
import { BlockchainError } from '../../blockchain.errors.js';
import type { StoreSetup } from '../../ports/block-store.port.js';
import { InMemoryBlockStore } from '../memory/in-memory-block-store.adapter.js';
import { openPackageBlockStore } from './package-block-store.adapter.js';

const setup: StoreSetup = { path: '/data/blocks', log: new SilentLogger() };
const opening = (exported: unknown) => openPackageBlockStore('@org/store', setup, async () => exported);

describe(openPackageBlockStore.name, () => {
  it.each([
    { name: 'a named export', wrap: (open: unknown) => ({ openBlockStore: open }) },
    { name: 'CommonJS', wrap: (open: unknown) => ({ default: { openBlockStore: open } }) },
  ])('opens the store of $name with its folder and a log', async ({ wrap }) => {
    const store = new InMemoryBlockStore();
    let given: StoreSetup | undefined;
    const open = async (options: StoreSetup) => {
      given = options;
      return store;
    };
    expect(await opening(wrap(open))).toBe(store);
    expect(given).toEqual(setup);
  });

  it.each([
    { name: 'nothing', exported: {}, reason: 'exports no function openBlockStore' },
    { name: 'no module', exported: undefined, reason: 'exports no function openBlockStore' },
    {
      name: 'something else',
      exported: { openBlockStore: 'yes' },
      reason: 'exports no function openBlockStore',
    },
    {
      name: 'half a store',
      exported: { openBlockStore: async () => Object.assign(new InMemoryBlockStore(), { prune: undefined }) },
      reason: 'opens a store without prune',
    },
  ])('refuses a package that exports $name', async ({ exported, reason }) => {
    await expect(opening(exported)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.STORE_UNUSABLE',
      detail: { package: '@org/store', reason },
    });
  });

  it('refuses a package that is not there', async () => {
    await expect(openPackageBlockStore('edgekeeper-no-such-store', setup)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.STORE_UNUSABLE',
      detail: { reason: expect.stringMatching(/^cannot be loaded: .*edgekeeper-no-such-store/) },
    });
  });

  it('gives a failure to open a code, unless it has one', async () => {
    const failing = (error: unknown) => ({ openBlockStore: () => Promise.reject(error) });
    const cause = new Error('no such bucket');
    await expect(opening(failing(cause))).rejects.toMatchObject({
      code: 'BLOCKCHAIN.STORE_FAILED',
      detail: { reason: 'no such bucket' },
      cause,
    });
    const coded = new BlockchainError({ code: 'BLOCKCHAIN.STORE_LOCKED', path: 'x' });
    await expect(opening(failing(coded))).rejects.toBe(coded);
  });
});
