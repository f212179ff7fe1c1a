import { afterEach, describe, expect, it } from '@jest/globals';
import { type IbftChain, ibftChain } from '../../../../test/support/chain-builder/index.js';
import { Chains, KeptStore, OPENED_AT_MS } from '../../../../test/support/recorded-chain.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { ReplayedChain } from '../../../../test/support/replayed-chain.js';
import { toHex } from '../../../common/bytes.js';
import { NoMetrics } from '../../../common/metrics.port.js';
import { createBlockchainMetrics } from '../blockchain.metrics.js';
import type { ChainAlarm } from '../ports/chain.port.js';
import type { BlockRef, ChainEvent } from '../ports/types.js';

const SYNC = { source: 'sync' } as const;
const chains = new Chains();
afterEach(() => chains.closeAll());

const refs = (chain: IbftChain, numbers: readonly number[]): BlockRef[] =>
  numbers.map((number) => ({ number, hash: chain.hashAt(number) }));

/** A branch whose first block is another than that of `main`. */
function ibftBranch(main: IbftChain, ancestor: number, length: number): IbftChain {
  const branch = main.fork(ancestor);
  branch.seal({ gasLimit: 5_242_879n });
  return branch.grow(length - 1);
}

describe('a branch of a chain whose blocks are final', () => {
  const main = ibftChain().grow(10);
  const branch = ibftBranch(main, 5, 6);

  async function opened() {
    const store = new KeptStore();
    const log = new RecordingLogger();
    let conflicts = 0;
    const metrics = { ...createBlockchainMetrics(new NoMetrics()), conflictFound: () => conflicts++ };
    const chain = await chains.open(main.genesisText, { store, log, metrics });
    await chain.insert(main.blocks.slice(1), SYNC);
    const alarms: ChainAlarm[] = [];
    const events: ChainEvent[] = [];
    chain.alarms$.subscribe((alarm) => alarms.push(alarm));
    chain.events$.subscribe((event) => events.push(event));
    return { store, log, chain, alarms, events, counted: () => conflicts };
  }

  it('is refused, its first block is kept as evidence, and an alarm says so once', async () => {
    const { store, log, chain, alarms, events, counted } = await opened();
    const before = chain.head();
    for (const batch of [branch.blocks.slice(6), branch.blocks.slice(3), branch.blocks.slice(6, 7)]) {
      await expect(chain.insert(batch, SYNC)).rejects.toMatchObject({
        code: 'BLOCKCHAIN.FINALITY_CONFLICT',
        detail: { number: 6 },
      });
    }
    const [conflict] = refs(branch, [6]);
    expect(alarms).toEqual([{ type: 'chain:conflict', ...conflict, atMs: OPENED_AT_MS }]);
    expect(log.messages('error')).toHaveLength(1);
    expect(chain.info().conflicts).toBe(1);
    expect(counted()).toBe(1);
    expect(await store.removedBlock(branch.hashAt(6))).toEqual({ number: 6, raw: branch.blockAt(6) });
    expect(await store.removedBlock(branch.hashAt(7))).toBeUndefined();
    expect(chain.head()).toEqual(before);
    expect(await chain.hashByNumber(6)).toEqual(main.hashAt(6));
    expect(events).toEqual([]);

    const other = main.fork(8).seal({ gasLimit: 5_242_881n });
    await expect(chain.insert([other.raw], SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.FINALITY_CONFLICT',
    });
    expect(chain.info().conflicts).toBe(2);
    const next = main.fork(10).seal();
    expect((await chain.insert([next.raw], SYNC)).head.number).toBe(11);
  });

  it.each<{ name: string; raw: () => Uint8Array; code: string }>([
    {
      name: 'too few validators sealed',
      raw: () => main.fork(5).seal({ gasLimit: 5_242_879n, signers: 2 }).raw,
      code: 'BLOCKCHAIN.BAD_SEAL',
    },
    {
      name: 'follows no block of the chain',
      raw: () => branch.blockAt(8),
      code: 'BLOCKCHAIN.UNKNOWN_PARENT',
    },
    {
      name: 'is too large',
      raw: () => Buffer.concat([branch.blockAt(6), Buffer.alloc(100_000)]),
      code: 'BLOCKCHAIN.TOO_LARGE',
    },
  ])('is no conflict where its block $name', async ({ raw, code }) => {
    const { chain, alarms } = await opened();
    await expect(chain.insert([raw()], SYNC)).rejects.toMatchObject({ code });
    expect(alarms).toEqual([]);
    expect(chain.info().conflicts).toBe(0);
  });

  it('proves nothing against validators whose set anybody could have claimed', async () => {
    const pos = ibftChain({ pos: true, epochSize: 10 }).grow(15);
    const chain = await chains.open(pos.genesisText);
    await chain.insert(pos.blocks.slice(1), SYNC);
    const alarms: ChainAlarm[] = [];
    chain.alarms$.subscribe((alarm) => alarms.push(alarm));
    const forged = pos.fork(9).seal({ set: [pos.newKey(1)] });
    await expect(chain.insert([forged.raw], SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.FINALITY_CONFLICT',
    });
    expect(alarms).toEqual([]);
    expect(chain.info().conflicts).toBe(0);
  });
});

describe('finality of the reference', () => {
  const main = ibftChain().grow(10);

  it('takes the branch of more difficulty, and keeps the one of less', async () => {
    const store = new KeptStore();
    const chain = await chains.open(main.genesisText, { store, finality: 'reference' });
    await chain.insert(main.blocks.slice(1), SYNC);
    const replayed = await ReplayedChain.of(chain);
    const branch = ibftBranch(main, 5, 5);
    expect((await chain.insert(branch.blocks.slice(6), SYNC)).inserted).toEqual([]);
    expect(chain.head()?.hash).toEqual(main.hashAt(10));
    branch.grow(1);
    const { inserted, head } = await chain.insert(branch.blocks.slice(11), SYNC);
    expect(inserted).toEqual(refs(branch, [6, 7, 8, 9, 10, 11]));
    expect(head).toMatchObject({ number: 11, hash: branch.hashAt(11) });
    expect(replayed.hashes).toEqual(branch.hashes.map(toHex));
    expect((await store.removedBlock(main.hashAt(7)))?.raw).toEqual(main.blockAt(7));
    expect(chain.info().conflicts).toBe(0);
  });
});
