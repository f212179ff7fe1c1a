import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BlockStore } from '../../src/modules/blockchain/ports/block-store.port.js';
import type { VerifiedBlock } from '../../src/modules/blockchain/ports/types.js';
import { aStoredBlock, storedBlocks, storedHash, storedState } from '../support/stored-blocks.js';

const isGap = { code: 'BLOCKCHAIN.STORE_GAP' };
const limits = { maxCount: 100, maxBytes: 1_000_000 };

/** What every BlockStore does about states, reorganisations, starts from a checkpoint and removed blocks. */
export function blockStoreStatesContract(name: string, open: () => Promise<BlockStore>): void {
  describe(`${name} as a BlockStore`, () => {
    let store: BlockStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    describe('states', () => {
      it('gives the newest at or below a height, none above the head', async () => {
        expect(await store.stateAt(0)).toBeUndefined();
        await store.append(storedBlocks(0, 7, { statesEvery: 3 }));
        const found = [];
        for (let number = 0; number <= 8; number++) found.push((await store.stateAt(number))?.number);
        expect(found).toEqual([0, 0, 0, 3, 3, 3, 6, 6, undefined]);
        expect(Buffer.from((await store.stateAt(4))?.state ?? [])).toEqual(storedState(3));
        for (const number of [-1, 0.5, Number.NaN, 2 ** 60]) {
          expect(await store.stateAt(number)).toBeUndefined();
        }
      });

      it('gives out and takes in bytes that nobody else holds', async () => {
        const state = storedState(0);
        await store.append([{ ...aStoredBlock(0), state }]);
        state.fill(0);
        (await store.stateAt(0))?.state.fill(0);
        expect(Buffer.from((await store.stateAt(0))?.state ?? [])).toEqual(storedState(0));
      });

      it('keeps large and empty ones', async () => {
        const large = new Uint8Array(200_000).fill(7);
        await store.append([
          { ...aStoredBlock(0), state: large },
          { ...aStoredBlock(1), state: new Uint8Array() },
        ]);
        expect((await store.stateAt(0))?.state).toHaveLength(200_000);
        expect(await store.stateAt(1)).toMatchObject({ number: 1, state: { length: 0 } });
      });

      it('takes them later for stored blocks, all or none', async () => {
        await store.append(storedBlocks(0, 5));
        expect(await store.stateAt(5)).toBeUndefined();
        await store.putStates([0, 4].map((number) => ({ number, state: storedState(number) })));
        await store.putStates([]);
        expect(await store.stateAt(3)).toMatchObject({ number: 0 });
        expect(await store.stateAt(5)).toMatchObject({ number: 4 });
        const withGap = [2, 6].map((number) => ({ number, state: storedState(number) }));
        await expect(store.putStates(withGap)).rejects.toMatchObject(isGap);
        expect(await store.stateAt(3)).toMatchObject({ number: 0 });
        await store.putStates([{ number: 4, state: storedState(4, 1) }]);
        expect(Buffer.from((await store.stateAt(5))?.state ?? [])).toEqual(storedState(4, 1));
      });

      it('loses them with their blocks', async () => {
        await store.append(storedBlocks(0, 6, { statesEvery: 2 }));
        await store.rewind(3);
        await store.append([aStoredBlock(4), aStoredBlock(5)]);
        expect(await store.stateAt(5)).toMatchObject({ number: 2 });
        await store.replace(branchOff(storedBlocks(2, 3, { fork: 1 })));
        expect(await store.stateAt(3)).toMatchObject({ number: 0 });
      });
    });

    describe('replacing', () => {
      const branch = (from: number, to: number) =>
        branchOff(storedBlocks(from, to, { fork: 1, statesEvery: 2 }));

      it.each([
        { name: 'a longer branch', from: 3, to: 8, removed: [5, 4, 3] },
        { name: 'a shorter one', from: 2, to: 3, removed: [5, 4, 3, 2] },
        { name: 'one that follows the head', from: 6, to: 7, removed: [] },
        { name: 'one above block 0', from: 1, to: 1, removed: [5, 4, 3, 2, 1] },
      ])('by $name', async ({ from, to, removed }) => {
        await store.append(storedBlocks(0, 5));
        const blocks = branch(from, to);
        const gone = await store.replace(blocks);
        expect(gone).toEqual(removed.map((number) => ({ number, hash: storedHash(number) })));
        expect(await store.head()).toMatchObject({ number: to, hash: storedHash(to, 1) });
        expect((await store.head())?.totalDifficulty).toBe(await store.totalDifficultyAt(to));
        expect(await store.totalDifficultyAt(to)).toBe(BigInt((to * (to + 1)) / 2));
        for (const { number, hash } of gone) {
          expect(await store.numberByHash(hash)).toBeUndefined();
          expect(await store.removedBlock(hash)).toMatchObject({ number });
        }
        for (const { number, hash } of blocks) expect(await store.numberByHash(hash)).toBe(number);
        expect(await store.rawBlocks(0, limits)).toHaveLength(to + 1);
        expect(await store.stateAt(to)).toEqual(
          to < 2 ? undefined : expect.objectContaining({ number: to - (to % 2) }),
        );
      });

      it('by nothing does nothing', async () => {
        await store.append(storedBlocks(0, 2));
        expect(await store.replace([])).toEqual([]);
        expect((await store.head())?.number).toBe(2);
      });

      it.each([
        { name: 'whose parent is another block', blocks: storedBlocks(2, 4, { fork: 1 }) },
        { name: 'whose parent is above the head', blocks: storedBlocks(5, 6) },
        { name: 'with a gap inside', blocks: [aStoredBlock(2), aStoredBlock(4)] },
        { name: 'that begins at block 0', blocks: storedBlocks(0, 4, { fork: 1 }) },
      ])('refuses a branch $name', async ({ blocks }) => {
        await store.append(storedBlocks(0, 3));
        await expect(store.replace(blocks)).rejects.toMatchObject(isGap);
        expect(await store.head()).toMatchObject({ number: 3, hash: storedHash(3) });
        expect(await store.rawBlocks(0, limits)).toHaveLength(4);
      });

      it('back and forth: what returns to the chain is no longer removed', async () => {
        await store.append(storedBlocks(0, 3));
        await store.replace(branch(2, 4));
        await store.replace(storedBlocks(2, 3));
        expect(await store.removedBlock(storedHash(2))).toBeUndefined();
        expect(await store.removedBlock(storedHash(2, 1))).toMatchObject({ number: 2 });
        expect(await store.numberByHash(storedHash(2))).toBe(2);
        await store.rewind(1);
        expect(await store.removedBlock(storedHash(2))).toMatchObject({ number: 2 });
      });
    });

    describe('removed blocks', () => {
      it('are found by hash with their bytes, and belong to the caller', async () => {
        await store.append(storedBlocks(0, 4));
        await store.rewind(2);
        (await store.removedBlock(storedHash(3)))?.raw.fill(0);
        const found = await store.removedBlock(storedHash(3));
        expect(found?.number).toBe(3);
        expect(Buffer.from(found?.raw ?? [])).toEqual(Buffer.from(aStoredBlock(3).raw));
        for (const length of [0, 31, 33])
          expect(await store.removedBlock(new Uint8Array(length))).toBeUndefined();
        expect(await store.removedBlock(storedHash(9))).toBeUndefined();
        expect(await store.removedBlock(storedHash(1))).toBeUndefined();
      });

      it('are kept aside when handed in, but not those of the chain', async () => {
        await store.append(storedBlocks(0, 4));
        const twin = aStoredBlock(3, { fork: 9, parentFork: 0 });
        await store.keepAside(twin);
        await store.keepAside(aStoredBlock(2));
        expect(await store.removedBlock(twin.hash)).toMatchObject({ number: 3 });
        expect(await store.numberByHash(twin.hash)).toBeUndefined();
        expect(await store.removedBlock(storedHash(2))).toBeUndefined();
        expect(await store.numberByHash(storedHash(2))).toBe(2);
        expect((await store.head())?.number).toBe(4);
        await store.rewind(1);
        expect(await store.removedBlock(twin.hash)).toMatchObject({ number: 3 });
      });

      it('are found for 1,000 heights below the head', async () => {
        await store.append(storedBlocks(0, 5));
        await store.rewind(3);
        await store.append([
          aStoredBlock(4, { fork: 1, parentFork: 0 }),
          ...storedBlocks(5, 1_004, { fork: 1 }),
        ]);
        expect(await store.removedBlock(storedHash(4))).toMatchObject({ number: 4 });
        await store.append([aStoredBlock(1_005, { fork: 1 })]);
        expect(await store.removedBlock(storedHash(4))).toBeUndefined();
        expect(await store.removedBlock(storedHash(5))).toMatchObject({ number: 5 });
        await store.append([aStoredBlock(1_006, { fork: 1 })]);
        expect(await store.removedBlock(storedHash(5))).toBeUndefined();
        expect(await store.numberByHash(storedHash(5, 1))).toBe(5);
        await store.keepAside(aStoredBlock(5, { fork: 8 }));
        expect(await store.removedBlock(storedHash(5, 8))).toBeUndefined();
      });
    });
  });
}

/** A branch that leaves the chain of fork 0. */
function branchOff([first, ...rest]: readonly VerifiedBlock[]): VerifiedBlock[] {
  return first ? [{ ...first, parentHash: storedHash(first.number - 1) }, ...rest] : [];
}
