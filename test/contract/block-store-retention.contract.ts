import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BlockStore } from '../../src/modules/blockchain/ports/block-store.port.js';
import { aStoredBlock, storedBlocks, storedHash, storedState } from '../support/stored-blocks.js';

const isGap = { code: 'BLOCKCHAIN.STORE_GAP' };
const limits = { maxCount: 1_000, maxBytes: 1_000_000 };

/** What every BlockStore does that does not keep the whole chain: starts from a checkpoint, pruning. */
export function blockStoreRetentionContract(name: string, open: () => Promise<BlockStore>): void {
  describe(`${name} as a BlockStore`, () => {
    let store: BlockStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    const heights = async (from: number, to: number) => {
      const kept: number[] = [];
      for (let number = from; number <= to; number++) if (await store.rawBlock(number)) kept.push(number);
      return kept;
    };

    describe('starting from a checkpoint', () => {
      const checkpoint = { ...aStoredBlock(50, { fork: 3 }), state: storedState(50) };

      it('makes it head and tail above block 0, and others follow', async () => {
        await store.append([{ ...aStoredBlock(0), state: storedState(0) }]);
        await store.startAt(checkpoint);
        expect(await store.tail()).toBe(50);
        expect(await store.head()).toEqual({ number: 50, hash: storedHash(50, 3), totalDifficulty: 50n });
        await store.append(storedBlocks(51, 52, { fork: 3 }));
        expect(await heights(0, 60)).toEqual([0, 50, 51, 52]);
        expect(await store.totalDifficultyAt(52)).toBe(153n);
        expect(await store.totalDifficultyAt(49)).toBeUndefined();
        expect(await store.rawBlocks(0, limits)).toHaveLength(1);
        expect(await store.rawBlocks(50, limits)).toHaveLength(3);
        expect(await store.rawBlocks(49, limits)).toEqual([]);
        expect((await store.stateAt(0))?.number).toBe(0);
        expect((await store.stateAt(52))?.number).toBe(50);
        expect(await store.stateAt(49)).toBeUndefined();
      });

      it.each([
        { name: 'an empty store', before: [], block: checkpoint },
        { name: 'blocks above 0', before: storedBlocks(0, 1), block: checkpoint },
        { name: 'block 0 again', before: storedBlocks(0, 0), block: aStoredBlock(0) },
      ])('refuses $name', async ({ before, block }) => {
        await store.append(before);
        const head = await store.head();
        await expect(store.startAt(block)).rejects.toMatchObject(isGap);
        expect(await store.head()).toEqual(head);
        expect(await store.tail()).toBe(0);
      });

      it('cannot be rewound or replaced below the tail', async () => {
        await store.append(storedBlocks(0, 0));
        await store.startAt(checkpoint);
        await store.append(storedBlocks(51, 55, { fork: 3 }));
        for (const number of [0, 1, 49]) await expect(store.rewind(number)).rejects.toMatchObject(isGap);
        await expect(store.replace(storedBlocks(50, 56, { fork: 3 }))).rejects.toMatchObject(isGap);
        await expect(store.replace([aStoredBlock(1)])).rejects.toMatchObject(isGap);
        await expect(store.putStates([{ number: 49, state: storedState(49) }])).rejects.toMatchObject(isGap);
        expect(await store.rewind(50)).toHaveLength(5);
        expect(await store.tail()).toBe(50);
        expect((await store.head())?.number).toBe(50);
      });

      it('at block 1 does not join it to block 0', async () => {
        await store.append(storedBlocks(0, 0));
        await store.startAt(aStoredBlock(1, { fork: 5 }));
        expect(await store.tail()).toBe(1);
        expect(await store.rawBlocks(0, limits)).toHaveLength(1);
        expect(await store.rawBlocks(1, limits)).toHaveLength(1);
      });
    });

    describe('pruning', () => {
      beforeEach(() => store.append(storedBlocks(0, 40, { statesEvery: 6 })));

      async function pruneAll(number: number, maxCount: number): Promise<number[]> {
        const tails: number[] = [];
        for (;;) {
          const { tail, removed } = await store.prune(number, { maxCount });
          if (removed === 0) return tails;
          expect(removed).toBeLessThanOrEqual(maxCount);
          tails.push(tail);
          expect(await store.tail()).toBe(tail);
        }
      }

      it('goes in steps, and each leaves a whole store', async () => {
        expect(await pruneAll(20, 8)).toEqual([9, 17, 20]);
        expect(await heights(0, 41)).toEqual([0, ...Array.from({ length: 21 }, (_, at) => at + 20)]);
        expect(await store.hashByNumber(19)).toBeUndefined();
        expect(await store.numberByHash(storedHash(19))).toBeUndefined();
        expect(await store.numberByHash(storedHash(20))).toBe(20);
        expect(await store.totalDifficultyAt(20)).toBe(210n);
        expect(await store.rawBlocks(0, limits)).toHaveLength(1);
        expect(await store.rawBlocks(19, limits)).toEqual([]);
        expect(await store.rawBlocks(20, limits)).toHaveLength(21);
        await store.append([aStoredBlock(41)]);
        expect((await store.head())?.totalDifficulty).toBe(861n);
      });

      it.each([
        { to: 18, states: [undefined, 12, 18] },
        { to: 19, states: [undefined, 18, 18] },
        { to: 20, states: [undefined, 18, 18] },
        { to: 2, states: [0, 0, 0] },
      ])('to $to keeps the state at the new tail and before it', async ({ to, states }) => {
        await pruneAll(to, 5);
        const asked = [to - 2, to - 1, to];
        const found = [];
        for (const number of asked) found.push((await store.stateAt(number))?.number);
        expect(found).toEqual(states);
        expect((await store.stateAt(0))?.number).toBe(0);
        expect((await store.stateAt(40))?.number).toBe(36);
      });

      it.each([
        { name: 'never the head', number: 1_000, tail: 40 },
        { name: 'nothing below 2, where only block 0 is', number: 1, tail: 0 },
        { name: 'nothing at 0', number: 0, tail: 0 },
        { name: 'nothing below 0', number: -5, tail: 0 },
        { name: 'nothing for no number', number: Number.NaN, tail: 0 },
      ])('removes $name', async ({ number, tail }) => {
        await pruneAll(number, 100);
        expect(await store.tail()).toBe(tail);
        expect((await store.head())?.number).toBe(40);
      });

      it('does nothing below the tail, in steps of none, and in an empty store', async () => {
        await pruneAll(20, 100);
        expect(await store.prune(10, { maxCount: 5 })).toEqual({ tail: 20, removed: 0 });
        expect(await store.prune(30, { maxCount: 0 })).toEqual({ tail: 20, removed: 0 });
        await store.close();
        store = await open();
        expect(await store.prune(10, { maxCount: 5 })).toEqual({ tail: 0, removed: 0 });
      });

      it('leaves no way back below the tail', async () => {
        await pruneAll(30, 100);
        await expect(store.rewind(29)).rejects.toMatchObject(isGap);
        const branch = { ...aStoredBlock(30, { fork: 2 }), parentHash: storedHash(29) };
        await expect(store.replace([branch])).rejects.toMatchObject(isGap);
        expect(await store.rewind(30)).toHaveLength(10);
        expect((await store.stateAt(30))?.number).toBe(30);
      });
    });

    it('counts bytes of bodies', async () => {
      const sizes = storedBlocks(0, 9, { bytes: 1_000 }).map(({ raw }) => raw.length);
      const bytesOf = (from: number, to: number) =>
        sizes.slice(from, to + 1).reduce((sum, each) => sum + each, 0);
      expect(await store.bodyBytes()).toBe(0);
      await store.append(storedBlocks(0, 9, { bytes: 1_000 }));
      expect(await store.bodyBytes()).toBe(bytesOf(0, 9));
      await store.rewind(7);
      expect(await store.bodyBytes()).toBe(bytesOf(0, 7));
      await store.prune(3, { maxCount: 100 });
      expect(await store.bodyBytes()).toBe(bytesOf(0, 0) + bytesOf(3, 7));
      await store.replace([aStoredBlock(7, { bytes: 1_000, fork: 1, parentFork: 0 })]);
      expect(await store.bodyBytes()).toBe(bytesOf(0, 0) + bytesOf(3, 7));
    });

    it('answers while blocks are moved, from before or from after', async () => {
      await store.append(storedBlocks(0, 30));
      const asked: Promise<unknown>[] = [];
      const ask = () => {
        for (const number of [5, 25, 30]) {
          asked.push(
            store.rawBlock(number),
            store.hashByNumber(number),
            store.numberByHash(storedHash(number)),
          );
          asked.push(store.stateAt(number), store.removedBlock(storedHash(number)));
        }
      };
      const moves = [
        () => store.rewind(20),
        () => store.replace([aStoredBlock(20, { fork: 1, parentFork: 0 })]),
        () => store.prune(10, { maxCount: 100 }),
      ];
      for (const move of moves) {
        const moved = move();
        ask();
        await moved;
        ask();
      }
      await expect(Promise.all(asked)).resolves.toHaveLength(90);
    });
  });
}
