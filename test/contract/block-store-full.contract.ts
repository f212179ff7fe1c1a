import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Tables } from '../../src/modules/blockchain/adapters/durable/tables.js';
import type { BlockStore } from '../../src/modules/blockchain/ports/block-store.port.js';
import { SmallDisk } from '../support/small-disk.js';
import { aStoredBlock, storedBlocks, storedHash } from '../support/stored-blocks.js';

const isFull = { code: 'BLOCKCHAIN.STORE_FULL' };
const limits = { maxCount: 10_000, maxBytes: 100_000_000 };

/** What a BlockStore does on a disk that is full; `open` passes its tables through `guard`. */
export function fullBlockStoreContract(
  name: string,
  open: (path: string, guard: (tables: Tables) => Tables) => Promise<BlockStore>,
): void {
  describe(`${name} on a full disk`, () => {
    let disk: SmallDisk;
    let store: BlockStore | undefined;

    beforeEach(async () => {
      // LMDB's binding prints each failure of a commit.
      jest.spyOn(console, 'error').mockReturnValue();
      disk = await SmallDisk.mount();
    });
    afterEach(async () => {
      await store?.close();
      store = undefined;
      await disk.unmount();
      jest.restoreAllMocks();
    });

    async function reopen(): Promise<BlockStore> {
      await store?.close();
      store = undefined;
      store = await open(`${disk.path}/blocks`, (tables) => disk.guard(tables));
      return store;
    }

    it.each([0, 4_096, 100_000, 200_000, 300_000])(
      'with %s bytes left keeps nothing of a write, goes on reading, and writes once there is space',
      async (left) => {
        const opened = await reopen();
        const blocks = storedBlocks(0, 2_000, { bytes: 1_000, statesEvery: 100 });
        await opened.append(blocks.slice(0, 201));
        await disk.fill(left);
        for (let time = 0; time < 2; time++) {
          await expect(opened.append(blocks.slice(201))).rejects.toMatchObject(isFull);
          expect((await opened.head())?.number).toBe(200);
          expect(await opened.rawBlocks(0, limits)).toHaveLength(201);
          expect(await opened.numberByHash(storedHash(201))).toBeUndefined();
          expect(await opened.stateAt(200)).toMatchObject({ number: 200 });
        }
        await disk.free();
        await opened.append([aStoredBlock(201, { fork: 1, parentFork: 0 })]);
        await opened.replace(blocks.slice(201));
        const again = await reopen();
        expect((await again.head())?.number).toBe(2_000);
        const raws = await again.rawBlocks(0, limits);
        expect(raws.map((raw, at) => Buffer.compare(raw, blocks[at]?.raw ?? Buffer.of()))).toEqual(
          blocks.map(() => 0),
        );
      },
    );

    it('is whole when it is opened again after the failure', async () => {
      const opened = await reopen();
      await opened.append(storedBlocks(0, 200, { bytes: 1_000 }));
      await disk.fill();
      await expect(opened.append(storedBlocks(201, 2_000, { bytes: 1_000 }))).rejects.toMatchObject(isFull);
      await expect(opened.append(storedBlocks(201, 2_000, { bytes: 1_000 }))).rejects.toMatchObject(isFull);
      await disk.free();
      const again = await reopen();
      const head = await again.head();
      expect(await again.rawBlocks(0, limits)).toHaveLength((head?.number ?? -1) + 1);
      await again.append([
        { ...aStoredBlock((head?.number ?? -1) + 1), parentHash: head?.hash ?? Buffer.of() },
      ]);
    });
  });
}
