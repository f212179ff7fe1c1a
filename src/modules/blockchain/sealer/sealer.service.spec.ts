import { afterEach, describe, expect, it } from '@jest/globals';
import { ibftChain, testKeys } from '../../../../test/support/chain-builder/index.js';
import { BLOCK_TIME_MS, Sealers, START_MS } from '../../../../test/support/sealer-under-test.js';
import { BlockchainError } from '../blockchain.errors.js';
import { parseGenesis } from '../genesis/parse-genesis.js';
import type { Chain } from '../ports/chain.port.js';
import { SealerService } from './sealer.service.js';

const sealers = new Sealers();

afterEach(() => sealers.stopAll());

/** A block after genesis that another sealer with the same key made. */
const other = (timeMs: number) =>
  ibftChain({ validators: testKeys(1) }).seal({ timestamp: BigInt(Math.floor(timeMs / 1_000)) }).raw;
const twin = parseGenesis(ibftChain({ validators: testKeys(1) }).genesisText);

describe(SealerService.name, () => {
  it('seals one block each block time, and each is verified', async () => {
    const { clock, chain, sealer, height, log, batches } = await sealers.make();
    sealer.onApplicationBootstrap();
    await clock.advanceAsync(1_599);
    expect(height()).toBe(0);
    await clock.advanceAsync(1);
    expect(height()).toBe(1);
    await clock.advanceAsync(4 * BLOCK_TIME_MS);
    expect(height()).toBe(5);
    expect(batches).toEqual([1, 1, 1, 1, 1]);
    const timestamps = [1, 2, 3, 4, 5].map(async (number) => (await chain.header(number))?.timestamp);
    expect(await Promise.all(timestamps)).toEqual([2n, 4n, 6n, 8n, 10n].map((s) => 1_700_000_000n + s));
    expect(log.messages('info')).toEqual(['sealing']);
    expect(log.messages('debug')).toHaveLength(5);
    expect(log.lines).toHaveLength(6);
  });

  it('starts once', async () => {
    const { clock, sealer, batches } = await sealers.make();
    sealer.onApplicationBootstrap();
    sealer.onApplicationBootstrap();
    await clock.advanceAsync(3 * BLOCK_TIME_MS);
    expect(batches).toHaveLength(3);
  });

  it('makes up for nothing after a pause', async () => {
    let delayed = Promise.resolve();
    const { clock, sealer, chain, height, batches } = await sealers.make({
      insert: (insert) => async (raws, options) => {
        await delayed;
        return insert(raws, options);
      },
    });
    sealer.onApplicationBootstrap();
    let goOn = () => {};
    delayed = new Promise((resolve) => {
      goOn = resolve;
    });
    // The block due in 1600 ms is under way for a minute; no other is begun beside it.
    await clock.advanceAsync(60_000);
    expect(height()).toBe(0);
    expect(batches).toEqual([1]);
    goOn();
    await clock.advanceAsync(0);
    expect(height()).toBe(1);
    await clock.advanceAsync(BLOCK_TIME_MS);
    expect(height()).toBe(2);
    expect((await chain.header(2))?.timestamp).toBe(1_700_000_062n);
  });

  it('waits for the block under way when stopped, and does not start again', async () => {
    let finish = () => {};
    const { clock, sealer, height } = await sealers.make({
      insert: (insert) => async (raws, options) => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return insert(raws, options);
      },
    });
    sealer.onApplicationBootstrap();
    await clock.advanceAsync(BLOCK_TIME_MS);
    let stopped = false;
    const stopping = sealer.beforeApplicationShutdown().then(() => {
      stopped = true;
    });
    await clock.advanceAsync(BLOCK_TIME_MS);
    expect(stopped).toBe(false);
    finish();
    await stopping;
    expect(height()).toBe(1);
    sealer.onApplicationBootstrap();
    await clock.advanceAsync(5 * BLOCK_TIME_MS);
    expect(height()).toBe(1);
  });

  it('goes on after a block that failed, a block time later', async () => {
    let failures = 2;
    const { clock, sealer, height, log } = await sealers.make({
      insert: (insert) => async (raws, options) => {
        if (failures-- > 0)
          throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_FAILED', reason: 'disk full' });
        return insert(raws, options);
      },
    });
    sealer.onApplicationBootstrap();
    await clock.advanceAsync(10 * BLOCK_TIME_MS);
    expect(failures).toBeLessThan(0);
    expect(height()).toBeGreaterThan(3);
    expect(log.messages('error')).toHaveLength(2);
  });

  it('stops at once while it waits after a failure', async () => {
    const { clock, sealer, log } = await sealers.make({
      insert: () => async () => {
        throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_CLOSED' });
      },
    });
    sealer.onApplicationBootstrap();
    await clock.advanceAsync(1_700);
    expect(log.messages('error')).toHaveLength(1);
    await sealer.beforeApplicationShutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('follows a head that came from elsewhere while it waited', async () => {
    const { clock, sealer, chain, height, batches } = await sealers.make({ chain: twin });
    sealer.onApplicationBootstrap();
    await clock.advanceAsync(1_000);
    await chain.insert([other(START_MS + 600)], { source: 'sync' });
    await clock.advanceAsync(BLOCK_TIME_MS);
    expect(height()).toBe(2);
    expect(batches).toEqual([1]);
  });

  it('seals nothing while the head is in the future, and goes on when its time has come', async () => {
    const { clock, sealer, chain, height } = await sealers.make({ chain: twin });
    await chain.insert([other(START_MS + 100_000)], { source: 'sync' });
    sealer.onApplicationBootstrap();
    await clock.advanceAsync(101_000);
    expect(height()).toBe(1);
    await clock.advanceAsync(BLOCK_TIME_MS);
    expect(height()).toBe(2);
  });

  it('waits for a chain that has no genesis yet', async () => {
    let hasGenesis = false;
    const head = (chain: Chain) => ({ head: () => (hasGenesis ? chain.head() : undefined) });
    const { clock, sealer, batches, height } = await sealers.make({ seen: head });
    sealer.onApplicationBootstrap();
    await clock.advanceAsync(3 * BLOCK_TIME_MS);
    expect(batches).toEqual([]);
    hasGenesis = true;
    await clock.advanceAsync(2 * BLOCK_TIME_MS);
    expect(height()).toBeGreaterThan(0);
  });
});
