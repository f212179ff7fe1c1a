import { afterEach, describe, expect, it } from '@jest/globals';
import { type BuiltChain, devChain } from '../../../../test/support/chain-builder/index.js';
import { blockOf, Chains, KeptStore, OPENED_AT_MS } from '../../../../test/support/recorded-chain.js';
import { ReplayedChain } from '../../../../test/support/replayed-chain.js';
import { toHex } from '../../../common/bytes.js';
import { NoMetrics } from '../../../common/metrics.port.js';
import { createBlockchainMetrics } from '../blockchain.metrics.js';

const SYNC = { source: 'sync' } as const;
const chains = new Chains();
afterEach(() => chains.closeAll());

const hex = (hashes: readonly Uint8Array[]) => hashes.map(toHex);
const refs = (chain: BuiltChain, numbers: readonly number[]) =>
  numbers.map((number) => ({ number, hash: chain.hashAt(number) }));

describe('reorganisations', () => {
  async function opened(main: BuiltChain) {
    const store = new KeptStore();
    const reorganised: number[] = [];
    const metrics = {
      ...createBlockchainMetrics(new NoMetrics()),
      reorganised: (removed: number) => reorganised.push(removed),
    };
    const chain = await chains.open(main.genesisText, { store, metrics });
    await chain.insert(main.blocks.slice(1), SYNC);
    return { store, chain, reorganised, replayed: await ReplayedChain.of(chain) };
  }

  it.each([
    { depth: 1, length: 1 },
    { depth: 3, length: 2 },
    { depth: 10, length: 1 },
    { depth: 2, length: 40 },
  ])(
    'of depth $depth by $length blocks are one event, complete, in the order of the reference',
    async ({ depth, length }) => {
      const main = devChain().grow(10);
      const { store, chain, reorganised, replayed } = await opened(main);
      const ancestor = 10 - depth;
      const branch = main.fork(ancestor);
      while (branch.height < ancestor + length) branch.seal({ difficulty: 20n });
      const { inserted, head } = await chain.insert(branch.blocks.slice(ancestor + 1), SYNC);
      expect(head).toMatchObject({ number: branch.height, hash: branch.hashAt(branch.height) });
      expect(chain.head()).toEqual(head);
      const added = Array.from({ length }, (_, index) => ancestor + 1 + index);
      expect(inserted).toEqual(refs(branch, added));
      const removed = Array.from({ length: depth - 1 }, (_, index) => 9 - index);
      expect(replayed.events).toEqual([
        {
          type: 'head:changed',
          added: refs(branch, added.toReversed()),
          removed: refs(main, [...removed, 10]),
          source: 'sync',
          atMs: OPENED_AT_MS,
        },
      ]);
      expect(replayed.hashes).toEqual(hex(branch.hashes));
      expect(reorganised).toEqual([depth]);
      expect((await store.removedBlock(main.hashAt(10)))?.raw).toEqual(main.blockAt(10));
      const again = await chains.open(main.genesisText, { store });
      expect(again.head()).toEqual(head);
    },
  );

  it('need more difficulty than the chain has, not as much', async () => {
    const main = devChain().grow(10);
    const { store, chain, replayed } = await opened(main);
    const branch = main.fork(8);
    branch.seal({ gasLimit: 5_242_879n });
    branch.seal();
    expect((await chain.insert(branch.blocks.slice(9), SYNC)).inserted).toEqual([]);
    expect(chain.head()?.hash).toEqual(main.hashAt(10));
    expect(replayed.events.map(({ added, removed }) => ({ added, removed }))).toEqual([
      { added: [], removed: refs(branch, [9]) },
      { added: [], removed: refs(branch, [10]) },
    ]);
    expect((await store.removedBlock(branch.hashAt(10)))?.number).toBe(10);
  });

  it('happen over several inserts: a branch is kept, and grows at and above the height of the chain', async () => {
    const main = devChain().grow(10);
    const { chain, replayed } = await opened(main);
    const branch = main.fork(4);
    for (let block = 0; block < 12; block++)
      branch.seal({ gasLimit: 5_242_879n, difficulty: block < 11 ? 0n : 50n });
    for (const [from, to] of [
      [5, 7],
      [7, 10],
      [10, 11],
      [11, 14],
    ]) {
      expect((await chain.insert(branch.blocks.slice(from, to), SYNC)).inserted).toEqual([]);
    }
    // A block that does not go on from the branch is of the chain.
    main.seal();
    expect((await chain.insert([main.blockAt(11)], SYNC)).head.number).toBe(11);
    const { inserted } = await chain.insert(branch.blocks.slice(14), SYNC);
    expect(inserted.map(({ number }) => number)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    expect(replayed.hashes).toEqual(hex(branch.hashes));
    expect(replayed.events.at(-1)?.added).toHaveLength(12);
  });

  it('happen over several inserts that are asked for at once', async () => {
    const main = devChain().grow(10);
    const { chain, replayed } = await opened(main);
    const branch = main.fork(4);
    branch.seal({ gasLimit: 5_242_879n });
    branch.grow(20);
    const starts = [5, 8, 11, 14, 17, 20, 23];
    const inserts = starts.map((from) => chain.insert(branch.blocks.slice(from, from + 3), SYNC));
    expect((await Promise.all(inserts)).at(-1)?.head.number).toBe(25);
    expect(replayed.hashes).toEqual(hex(branch.hashes));
  });

  it('leave no insert to be judged by what was kept aside before it', async () => {
    const main = devChain().grow(10);
    const { chain } = await opened(main);
    const branch = main.fork(8);
    for (let block = 0; block < 3; block++) branch.seal({ gasLimit: 5_242_879n, difficulty: 0n });
    await chain.insert(branch.blocks.slice(9, 11), SYNC);
    const other = main.fork(10).grow(2);
    const inserts = [
      chain.insert(branch.blocks.slice(11), SYNC),
      chain.insert(other.blocks.slice(12), SYNC),
      chain.insert(other.blocks.slice(11), SYNC),
    ];
    await expect(inserts[1]).rejects.toMatchObject({
      code: 'BLOCKCHAIN.BAD_SEQUENCE',
      detail: { number: 12, expected: 11 },
    });
    expect((await inserts[2])?.head.number).toBe(12);
  });

  it('go to and fro', async () => {
    const a = devChain().grow(5);
    const { chain, replayed } = await opened(a);
    const b = a.fork(3);
    b.seal({ gasLimit: 5_242_879n });
    for (const grown of [() => b.grow(2), () => a.grow(3), () => b.grow(4)]) {
      const branch = grown();
      await chain.insert(branch.blocks.slice(3), SYNC);
      expect(chain.head()?.hash).toEqual(branch.head.hash);
      expect(replayed.hashes).toEqual(hex(branch.hashes));
    }
  });

  it('take the good part of a branch, and name the bad block', async () => {
    const main = devChain().grow(10);
    const { chain } = await opened(main);
    const branch = main.fork(8);
    for (let block = 0; block < 3; block++) branch.seal({ difficulty: 9n });
    const batch = [...branch.blocks.slice(9, 11), Uint8Array.of(0xc0), blockOf(branch.blocks, 11)];
    await expect(chain.insert(batch, SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.UNDECODABLE',
      detail: { number: 11 },
    });
    expect(chain.head()).toMatchObject({ number: 10, hash: branch.hashAt(10) });
    expect((await chain.insert(branch.blocks.slice(11), SYNC)).head.number).toBe(11);
  });

  it('forget a branch whose root is no longer of the chain', async () => {
    const main = devChain().grow(10);
    const { chain } = await opened(main);
    const branch = main.fork(8);
    branch.seal({ gasLimit: 5_242_879n });
    await chain.insert(branch.blocks.slice(9), SYNC);
    await chain.rewind(6);
    branch.seal({ difficulty: 99n });
    await expect(chain.insert(branch.blocks.slice(10), SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.UNKNOWN_PARENT',
    });
    expect(chain.head()?.number).toBe(6);
    expect((await chain.insert(branch.blocks.slice(7), SYNC)).head.number).toBe(10);
  });

  it('keep no branch beyond its bounds', async () => {
    const main = devChain().grow(1);
    const { chain } = await opened(main);
    const first = await chain.insert([], SYNC);
    const branch = main.fork(0);
    while (branch.height < 4_097) branch.seal({ difficulty: 0n, gasLimit: 5_242_879n });
    await chain.insert(branch.blocks.slice(1), SYNC);
    const last = branch.seal({ difficulty: 99n });
    await expect(chain.insert([last.raw], SYNC)).rejects.toMatchObject({ code: 'BLOCKCHAIN.BAD_SEQUENCE' });
    expect(chain.head()).toEqual(first.head);
  });
});
