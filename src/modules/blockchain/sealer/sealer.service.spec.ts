import { afterEach, describe, expect, it } from '@jest/globals';
import { anIbftConfig } from '../../../../test/support/ibft-config.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { openChain } from '../../../../test/support/open-chain.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { BlockchainError } from '../blockchain.errors.js';
import { createConsensus } from '../consensus/create-consensus.js';
import { decodeIbftExtra } from '../consensus/ibft/extra.js';
import { recoverCommittedSigners } from '../consensus/ibft/seals.js';
import { addressOf } from '../crypto/address.js';
import { publicKeyOf } from '../crypto/secp256k1.js';
import type { Chain, ChainWriter } from '../ports/chain.port.js';
import { buildBlock } from './build-block.js';
import { SealerService, type SealerSetup } from './sealer.service.js';

const validatorKey = new Uint8Array(32).fill(7);
const ours = { address: addressOf(publicKeyOf(validatorKey, false)) };
const another = { address: new Uint8Array(20).fill(9) };
/** A moment 400 ms after a multiple of the block time. */
const START_MS = 1_700_000_000_400;
const BLOCK_TIME_MS = 2_000;

const aConfig = () => anIbftConfig([ours]);

const stops: (() => Promise<void>)[] = [];

interface Seams {
  /** In place of the chain's own. */
  readonly insert?: (original: ChainWriter['insert']) => ChainWriter['insert'];
  readonly chain?: (original: Chain) => Partial<Chain>;
}

/** A sealer on the real chain, in memory. */
async function aSealer(setup: Partial<SealerSetup> = {}, seams: Seams = {}) {
  const clock = new ManualClock(START_MS);
  const log = new RecordingLogger();
  const chain = await openChain(setup.chain ?? aConfig(), clock);
  const insert = chain.insert.bind(chain);
  const batches: number[] = [];
  const writer: ChainWriter = {
    insert: (raws, options) => {
      batches.push(raws.length);
      return (seams.insert?.(insert) ?? insert)(raws, options);
    },
  };
  const seen = Object.assign(Object.create(chain) as Chain, seams.chain?.(chain));
  const sealer = new SealerService(seen, writer, clock, log, {
    config: { seal: true },
    chain: aConfig(),
    validatorKey,
    ...setup,
  });
  stops.push(async () => {
    await sealer.beforeApplicationShutdown();
    await chain.close();
    expect(clock.pendingTimers).toBe(0);
  });
  return { clock, log, chain, sealer, batches, height: () => chain.head()?.number };
}

/** Stores a block of ours beside the sealer. */
async function seal(chain: Chain & ChainWriter, timeMs: number) {
  const [parent, parentHash] = [await chain.header(0), await chain.hashByNumber(0)];
  if (parent === undefined || parentHash === undefined) throw new Error('no genesis');
  await chain.insert([buildBlock({ parent, parentHash, timeMs, validatorKey })], { source: 'sync' });
}

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

describe(SealerService.name, () => {
  it('seals one block each block time, and each is verified', async () => {
    const { clock, chain, sealer, height, log, batches } = await aSealer();
    sealer.onApplicationBootstrap();
    await clock.advanceAsync(1_599);
    expect(height()).toBe(0);
    await clock.advanceAsync(1);
    expect(height()).toBe(1);
    await clock.advanceAsync(4 * BLOCK_TIME_MS);
    expect(height()).toBe(5);
    expect(batches).toEqual([1, 1, 1, 1, 1]);
    for (let number = 1; number <= 5; number++) {
      const header = await chain.header(number);
      if (header === undefined) throw new Error(`no block ${number}`);
      expect(header.timestamp).toBe(BigInt(1_700_000_000 + 2 * number));
      const extra = decodeIbftExtra(header.extraData, { number, bls: false, parentBls: false });
      expect(recoverCommittedSigners(extra, createConsensus(aConfig()).headerHash(header))).toEqual([
        ours.address,
      ]);
    }
    expect(log.messages('info')).toEqual(['sealing']);
    expect(log.messages('debug')).toHaveLength(5);
    expect(log.lines).toHaveLength(6);
  });

  it('starts once', async () => {
    const { clock, sealer, batches } = await aSealer();
    sealer.onApplicationBootstrap();
    sealer.onApplicationBootstrap();
    await clock.advanceAsync(3 * BLOCK_TIME_MS);
    expect(batches).toHaveLength(3);
  });

  it('makes up for nothing after a pause', async () => {
    let delayed = Promise.resolve();
    const { clock, sealer, chain, height, batches } = await aSealer(
      {},
      {
        insert: (insert) => async (raws, options) => {
          await delayed;
          return insert(raws, options);
        },
      },
    );
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
    const { clock, sealer, height } = await aSealer(
      {},
      {
        insert: (insert) => async (raws, options) => {
          await new Promise<void>((resolve) => {
            finish = resolve;
          });
          return insert(raws, options);
        },
      },
    );
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
    const { clock, sealer, height, log } = await aSealer(
      {},
      {
        insert: (insert) => async (raws, options) => {
          if (failures-- > 0)
            throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_FAILED', reason: 'disk full' });
          return insert(raws, options);
        },
      },
    );
    sealer.onApplicationBootstrap();
    await clock.advanceAsync(10 * BLOCK_TIME_MS);
    expect(failures).toBeLessThan(0);
    expect(height()).toBeGreaterThan(3);
    expect(log.messages('error')).toHaveLength(2);
  });

  it('stops at once while it waits after a failure', async () => {
    const { clock, sealer, log } = await aSealer(
      {},
      {
        insert: () => async () => {
          throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_CLOSED' });
        },
      },
    );
    sealer.onApplicationBootstrap();
    await clock.advanceAsync(1_700);
    expect(log.messages('error')).toHaveLength(1);
    await sealer.beforeApplicationShutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('follows a head that came from elsewhere while it waited', async () => {
    const { clock, sealer, chain, height, batches } = await aSealer();
    sealer.onApplicationBootstrap();
    await clock.advanceAsync(1_000);
    await seal(chain, START_MS + 600);
    await clock.advanceAsync(BLOCK_TIME_MS);
    expect(height()).toBe(2);
    expect(batches).toEqual([1]);
  });

  it('seals nothing while the head is in the future, and goes on when its time has come', async () => {
    const { clock, sealer, chain, height } = await aSealer();
    await seal(chain, START_MS + 100_000);
    sealer.onApplicationBootstrap();
    await clock.advanceAsync(101_000);
    expect(height()).toBe(1);
    await clock.advanceAsync(BLOCK_TIME_MS);
    expect(height()).toBe(2);
  });

  it('waits for a chain that has no genesis yet', async () => {
    let hasGenesis = false;
    const head = (chain: Chain) => ({ head: () => (hasGenesis ? chain.head() : undefined) });
    const { clock, sealer, batches, height } = await aSealer({}, { chain: head });
    sealer.onApplicationBootstrap();
    await clock.advanceAsync(3 * BLOCK_TIME_MS);
    expect(batches).toEqual([]);
    hasGenesis = true;
    await clock.advanceAsync(2 * BLOCK_TIME_MS);
    expect(height()).toBeGreaterThan(0);
  });

  it('ends when a vote may have changed the validators', async () => {
    let miner = new Uint8Array(20);
    const header = (chain: Chain) => ({
      header: async (number: number) => {
        const parent = await chain.header(number);
        return parent && { ...parent, miner };
      },
    });
    const { clock, sealer, batches, log } = await aSealer({}, { chain: header });
    sealer.onApplicationBootstrap();
    await clock.advanceAsync(BLOCK_TIME_MS);
    miner = another.address;
    await clock.advanceAsync(5 * BLOCK_TIME_MS);
    expect(batches).toEqual([1]);
    expect(log.messages('warn')).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });
});
