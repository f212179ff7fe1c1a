import { setImmediate as settle } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type DevChain, devChain } from '../../../../test/support/chain-builder/index.js';
import { aSigned, type SignedTransaction } from '../../../../test/support/signed-transactions.js';
import { TxPoolUnderTest, type TxPoolUnderTestOptions } from '../../../../test/support/txpool-under-test.js';
import { BlockFollowerService } from './block-follower.service.js';

let world: TxPoolUnderTest | undefined;

afterEach(async () => {
  await world?.stop();
  world = undefined;
});

const setUp = async (options: TxPoolUnderTestOptions = {}) => {
  world = await TxPoolUnderTest.start(options);
  const { chain, sut } = world;
  const insert = async (raw: readonly Uint8Array[]) => {
    await chain.insert(raw, { source: 'sync' });
    for (let turn = 0; turn < 10; turn++) await settle();
  };
  return { world, insert, add: ({ raw }: SignedTransaction) => sut.add(raw, 'rpc'), sut };
};

const sealed = (built: DevChain, transactions: readonly SignedTransaction[], difficulty = 1n) =>
  built.seal({ transactions: transactions.map(({ inBlock }) => inBlock), difficulty }).raw;

describe(BlockFollowerService.name, () => {
  it('finds what was mined, and what lost its nonce', async () => {
    const { world: it, insert, add, sut } = await setUp();
    const [one, two, three] = [aSigned(), aSigned({ nonce: 1n }), aSigned({ nonce: 2n })];
    for (const each of [one, two, three]) await add(each);
    const rival = aSigned({ nonce: 1n, value: 5n });
    const stranger = aSigned({ nonce: 2n, seed: 'stranger' });
    await insert([sealed(devChain(), [one, rival, stranger])]);
    expect(it.told().slice(3)).toEqual([`mined ${one.hash}`, `dropped ${two.hash} nonce-used`]);
    expect(it.events[3]).toMatchObject({ type: 'txpool:mined', blockNumber: 1 });
    expect([sut.size(), sut.get(three.hash)?.hash]).toEqual([1, three.hash]);
  });

  it('waits again for what a heavier branch does not have', async () => {
    const { world: it, insert, add, sut } = await setUp();
    const [both, one] = [aSigned(), aSigned({ nonce: 1n })];
    for (const each of [both, one]) await add(each);
    const light = devChain();
    await insert([sealed(light, [both]), sealed(light, [one])]);
    expect(sut.size()).toBe(0);
    const heavy = devChain();
    await insert([sealed(heavy, [both], 9n)]);
    expect(sut.get(one.hash)?.hash).toBe(one.hash);
    expect(sut.size()).toBe(1);
    expect(it.told().at(-1)).toBe(`mined ${both.hash}`);
  });

  it('knows late gossip of what was mined, even when it was not in the pool', async () => {
    const { insert, add } = await setUp();
    const one = aSigned();
    await insert([sealed(devChain(), [one])]);
    await expect(add(one)).rejects.toMatchObject({ code: 'TXPOOL.ALREADY_KNOWN' });
  });

  it('does not read old blocks, whatever waits', async () => {
    const now = 1_700_000_000;
    const { world: it, insert, add, sut } = await setUp({ nowMs: now * 1_000 });
    const reads: number[] = [];
    const rawBlock = it.chain.rawBlock.bind(it.chain);
    it.chain.rawBlock = (number) => {
      reads.push(number);
      return rawBlock(number);
    };
    await add(aSigned());
    const built = devChain();
    const at = (timestamp: number) => built.seal({ timestamp: BigInt(timestamp) }).raw;
    // Ten minutes that a transaction may wait, and an hour by which clocks may differ.
    await insert([at(1_000), at(2_000), at(now - 70 * 60 - 1)]);
    expect([reads, sut.size()]).toEqual([[], 1]);
    await insert([at(now - 70 * 60 + 1)]);
    expect(reads).toEqual([4]);
  });

  it('goes on after a block that could not be read', async () => {
    const { world: it, insert, add, sut } = await setUp();
    const [one, two] = [aSigned(), aSigned({ nonce: 1n })];
    for (const each of [one, two]) await add(each);
    const rawBlock = it.chain.rawBlock.bind(it.chain);
    it.chain.rawBlock = (number) => (number === 1 ? Promise.reject(new Error('disk')) : rawBlock(number));
    const built = devChain();
    await insert([sealed(built, [one]), sealed(built, [two])]);
    expect([sut.get(one.hash)?.hash, sut.get(two.hash)]).toEqual([one.hash, undefined]);
  });
});
