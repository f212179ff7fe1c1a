import { afterEach, describe, expect, it } from '@jest/globals';
import { devChain } from '../../../../test/support/chain-builder/index.js';
import { eventually } from '../../../../test/support/eventually.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { openChain } from '../../../../test/support/open-chain.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { InMemoryBlockStore } from '../adapters/memory/in-memory-block-store.adapter.js';
import { blockchainConfigSchema } from '../blockchain.config.js';
import { RetentionService } from './retention.service.js';

const HEAD = 2_000;
/** Kept whatever the settings say. */
const LEAST = 1_000;
const built = devChain().grow(HEAD);

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A chain of 2,000 blocks, and retention that has seen its head. */
async function aChain(retention: { blocks?: number; seconds?: number; bytes?: number }, nowMs = 2e12) {
  const clock = new ManualClock(nowMs);
  const store = new InMemoryBlockStore();
  const chain = await openChain(built.config, { store, clock });
  const config = blockchainConfigSchema.parse({ retention });
  const log = new RecordingLogger();
  const sut = new RetentionService(chain, chain, store, config, clock, log);
  stops.push(async () => {
    await sut.beforeApplicationShutdown();
    await chain.close();
    expect(log.messages('warn')).toEqual([]);
  });
  await chain.insert(built.blocks, { source: 'sync' });
  sut.onApplicationBootstrap();
  return { chain, store, sut };
}

describe(RetentionService.name, () => {
  it('keeps all unless told otherwise', async () => {
    const { chain, sut } = await aChain({});
    await sut.beforeApplicationShutdown();
    expect(chain.info().tail).toBe(0);
  });

  it('keeps the newest blocks, and block 0', async () => {
    const { chain } = await aChain({ blocks: 1_500 });
    await eventually(() => chain.info().tail === HEAD - 1_500 + 1);
    expect(await chain.rawBlock(0)).toBeDefined();
    await expect(chain.rawBlocks(100, { maxCount: 1, maxBytes: 1 })).rejects.toMatchObject({
      code: 'BLOCKCHAIN.PRUNED',
      detail: { number: 100, tail: HEAD - 1_500 + 1 },
    });
  });

  it('never keeps fewer than a restart checks', async () => {
    const { chain } = await aChain({ blocks: 1 });
    await eventually(() => chain.info().tail === HEAD - LEAST);
  });

  it('keeps blocks by their own time', async () => {
    const { timestamp } = (await (await aChain({})).chain.header(300)) ?? { timestamp: 0n };
    const { chain } = await aChain({ seconds: 50 }, (Number(timestamp) + 50) * 1_000);
    await eventually(() => chain.info().tail > 255);
    expect(chain.info().tail).toBeLessThanOrEqual(300);
  });

  it('keeps about as many bytes as it may', async () => {
    const all = built.blocks.reduce((sum, { length }) => sum + length, 0);
    const { chain, store } = await aChain({ bytes: Math.round(all * 0.7) });
    await eventually(() => chain.info().tail > HEAD * 0.25);
    expect(chain.info().tail).toBeLessThan(HEAD * 0.45);
    expect(await store.bodyBytes()).toBeLessThanOrEqual(all * 0.7);
  });
});
