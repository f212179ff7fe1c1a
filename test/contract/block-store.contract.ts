import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { toHex } from '../../src/common/bytes.js';
import type { Logger } from '../../src/common/logger.port.js';
import type { BlockStore } from '../../src/modules/blockchain/ports/block-store.port.js';
import type { VerifiedBlock } from '../../src/modules/blockchain/ports/types.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { aStoredBlock, storedBlocks, storedHash } from '../support/stored-blocks.js';

/** What every BlockStore does; `open` gives a new and empty one. */
export function blockStoreContract(name: string, open: () => Promise<BlockStore>): void {
  describe(`${name} as a BlockStore`, () => {
    let store: BlockStore;
    const limits = { maxCount: 100, maxBytes: 1_000_000 };

    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    it('is empty at first', async () => {
      expect(await store.head()).toBeUndefined();
      expect(await store.rawBlock(0)).toBeUndefined();
      expect(await store.rawHeader(0)).toBeUndefined();
      expect(await store.hashByNumber(0)).toBeUndefined();
      expect(await store.numberByHash(storedHash(0))).toBeUndefined();
      expect(await store.rawBlocks(0, limits)).toEqual([]);
      expect(await store.tail()).toBe(0);
      expect(await store.stateAt(0)).toBeUndefined();
      expect(await store.totalDifficultyAt(0)).toBeUndefined();
      expect(await store.removedBlock(storedHash(0))).toBeUndefined();
    });

    it('gives back what was appended, by number and by hash', async () => {
      const blocks = storedBlocks(0, 4);
      await store.append(blocks.slice(0, 2));
      await store.append(blocks.slice(2));
      for (const { number, hash, raw, rawHeader } of blocks) {
        expect(await store.hashByNumber(number)).toEqual(hash);
        expect(await store.numberByHash(hash)).toBe(number);
        expect(bytes(await store.rawBlock(number))).toEqual(bytes(raw));
        expect(bytes(await store.rawHeader(number))).toEqual(bytes(rawHeader));
      }
      expect(await store.head()).toEqual({ number: 4, hash: storedHash(4), totalDifficulty: 10n });
    });

    it('keeps total difficulties beyond 64 bits', async () => {
      const difficulty = 2n ** 64n - 1n;
      await store.append(storedBlocks(0, 3).map((block) => ({ ...block, difficulty })));
      expect((await store.head())?.totalDifficulty).toBe(4n * difficulty);
    });

    it('keeps large blocks and blocks of one byte', async () => {
      const large = aStoredBlock(0, { bytes: 300_000 });
      const small = { ...aStoredBlock(1), raw: Uint8Array.of(0x80) };
      await store.append([large, small]);
      expect(bytes(await store.rawBlock(0))).toEqual(bytes(large.raw));
      expect(bytes(await store.rawBlock(1))).toEqual(bytes(small.raw));
    });

    it('does nothing for no blocks', async () => {
      await store.append([]);
      expect(await store.head()).toBeUndefined();
    });

    it.each<{ name: string; first: VerifiedBlock[]; next: VerifiedBlock[] }>([
      { name: 'a first block other than 0', first: [], next: storedBlocks(1, 2) },
      { name: 'a number left out', first: storedBlocks(0, 1), next: storedBlocks(3, 3) },
      { name: 'the head again', first: storedBlocks(0, 1), next: storedBlocks(1, 1) },
      {
        name: 'another parent than the head',
        first: storedBlocks(0, 1),
        next: storedBlocks(2, 3, { fork: 1 }),
      },
      { name: 'a gap inside the batch', first: storedBlocks(0, 1), next: [aStoredBlock(2), aStoredBlock(4)] },
    ])('refuses $name and stores nothing of the batch', async ({ first, next }) => {
      await store.append(first);
      const head = await store.head();
      await expect(store.append(next)).rejects.toMatchObject({ code: 'BLOCKCHAIN.STORE_GAP' });
      expect(await store.head()).toEqual(head);
      const known = new Set(first.map(({ hash }) => toHex(hash)));
      for (const { number, hash } of next.filter((block) => !known.has(toHex(block.hash)))) {
        expect(await store.rawBlock(number)).toBeUndefined();
        expect(await store.numberByHash(hash)).toBeUndefined();
      }
    });

    it('carries out appends in the order they were asked for', async () => {
      await Promise.all([0, 1, 2, 3].map((number) => store.append([aStoredBlock(number)])));
      expect((await store.head())?.number).toBe(3);
    });

    it('rewinds: the removed are gone, newest first, and others can take their place', async () => {
      await store.append(storedBlocks(0, 5));
      const removed = await store.rewind(2);
      expect(removed).toEqual([5, 4, 3].map((number) => ({ number, hash: storedHash(number) })));
      expect(await store.head()).toEqual({ number: 2, hash: storedHash(2), totalDifficulty: 3n });
      expect(await store.rawBlock(3)).toBeUndefined();
      expect(await store.hashByNumber(3)).toBeUndefined();
      expect(await store.numberByHash(storedHash(3))).toBeUndefined();
      expect(await store.rawBlocks(0, limits)).toHaveLength(3);

      const other = aStoredBlock(3, { fork: 7, parentFork: 0 });
      await store.append([other]);
      expect(await store.numberByHash(other.hash)).toBe(3);
      expect(await store.numberByHash(storedHash(3))).toBeUndefined();
      expect(bytes(await store.rawBlock(3))).toEqual(bytes(other.raw));
    });

    it('rewinds to the head itself and removes nothing', async () => {
      await store.append(storedBlocks(0, 2));
      expect(await store.rewind(2)).toEqual([]);
      expect((await store.head())?.number).toBe(2);
    });

    it.each([3, -1, 1.5])('refuses to rewind to %s, which is not stored', async (number) => {
      await store.append(storedBlocks(0, 2));
      await expect(store.rewind(number)).rejects.toMatchObject({ code: 'BLOCKCHAIN.STORE_GAP' });
      expect((await store.head())?.number).toBe(2);
    });

    it.each([-1, 0.5, 3, Number.MAX_SAFE_INTEGER, Number.NaN, 2 ** 60])(
      'has nothing at height %s',
      async (number) => {
        await store.append(storedBlocks(0, 2));
        expect(await store.rawBlock(number)).toBeUndefined();
        expect(await store.rawHeader(number)).toBeUndefined();
        expect(await store.hashByNumber(number)).toBeUndefined();
        expect(await store.rawBlocks(number, limits)).toEqual([]);
      },
    );

    it.each([0, 31, 33, 4_000])('knows no hash of %s bytes', async (length) => {
      await store.append(storedBlocks(0, 2));
      expect(await store.numberByHash(new Uint8Array(length))).toBeUndefined();
    });

    it.each([
      { name: 'all', from: 0, maxCount: 100, maxBytes: 100_000, expect: [0, 1, 2, 3, 4, 5] },
      { name: 'from the middle to the head', from: 4, maxCount: 100, maxBytes: 100_000, expect: [4, 5] },
      { name: 'no more than asked for', from: 1, maxCount: 2, maxBytes: 100_000, expect: [1, 2] },
      { name: 'none when none is asked for', from: 1, maxCount: 0, maxBytes: 100_000, expect: [] },
      { name: 'one, though it is larger than the limit', from: 1, maxCount: 9, maxBytes: 10, expect: [1] },
      { name: 'just what fits', from: 1, maxCount: 9, maxBytes: 2 * 1_041, expect: [1, 2] },
      { name: 'one less when a byte is missing', from: 1, maxCount: 9, maxBytes: 2 * 1_041 - 1, expect: [1] },
      { name: 'nothing above the head', from: 6, maxCount: 9, maxBytes: 100_000, expect: [] },
    ])('gives ranges: $name', async ({ from, maxCount, maxBytes, expect: numbers }) => {
      const blocks = storedBlocks(0, 5, { bytes: 1_000 });
      expect(blocks[1]?.raw).toHaveLength(1_041);
      await store.append(blocks);
      const found = await store.rawBlocks(from, { maxCount, maxBytes });
      expect(found.map(bytes)).toEqual(numbers.map((number) => bytes(blocks[number]?.raw)));
    });

    it('gives out and takes in bytes that nobody else holds', async () => {
      const block = aStoredBlock(0);
      await store.append([block]);
      const kept = bytes(block.raw);
      block.raw.fill(0);
      block.hash.fill(0);
      (await store.rawBlock(0))?.fill(0);
      (await store.rawBlocks(0, limits))[0]?.fill(0);
      (await store.hashByNumber(0))?.fill(0);
      (await store.head())?.hash.fill(0);
      expect(bytes(await store.rawBlock(0))).toEqual(kept);
      expect(await store.hashByNumber(0)).toEqual(storedHash(0));
      expect((await store.head())?.hash).toEqual(storedHash(0));
    });

    it('closes twice, and answers nothing then', async () => {
      await store.append(storedBlocks(0, 1));
      await store.close();
      await store.close();
      const closed = { code: 'BLOCKCHAIN.STORE_CLOSED' };
      await expect(store.head()).rejects.toMatchObject(closed);
      await expect(store.append([])).rejects.toMatchObject(closed);
      await expect(store.rewind(0)).rejects.toMatchObject(closed);
      await expect(store.replace([])).rejects.toMatchObject(closed);
      await expect(store.startAt(aStoredBlock(9))).rejects.toMatchObject(closed);
      await expect(store.putStates([])).rejects.toMatchObject(closed);
      await expect(store.keepAside(aStoredBlock(9))).rejects.toMatchObject(closed);
      await expect(store.prune(1, { maxCount: 1 })).rejects.toMatchObject(closed);
      await expect(store.tail()).rejects.toMatchObject(closed);
      await expect(store.stateAt(0)).rejects.toMatchObject(closed);
      await expect(store.totalDifficultyAt(0)).rejects.toMatchObject(closed);
      await expect(store.removedBlock(storedHash(0))).rejects.toMatchObject(closed);
      await expect(store.bodyBytes()).rejects.toMatchObject(closed);
      await expect(store.hashByNumber(0)).rejects.toMatchObject(closed);
      await expect(store.numberByHash(storedHash(0))).rejects.toMatchObject(closed);
      await expect(store.rawHeader(0)).rejects.toMatchObject(closed);
      await expect(store.rawBlock(0)).rejects.toMatchObject(closed);
      await expect(store.rawBlocks(0, limits)).rejects.toMatchObject(closed);
    });

    it('finishes what was asked for before it closes', async () => {
      const appended = store.append(storedBlocks(0, 1));
      await store.close();
      await expect(appended).resolves.toBeUndefined();
    });
  });
}

/** What a BlockStore does that outlives its process; `newStore` gives a way to open one new store again and again. */
export function durableBlockStoreContract(
  name: string,
  newStore: () => (log: Logger) => Promise<BlockStore>,
): void {
  describe(`${name} as a durable BlockStore`, () => {
    it.each([0, 300])('blocks 0 to %s, reopened: logs nothing, changes nothing', async (height) => {
      const [open, log] = [newStore(), new RecordingLogger()];
      const blocks = storedBlocks(0, height);
      const first = await open(log);
      await first.append(blocks);
      const head = await first.head();
      await first.close();
      for (let time = 0; time < 2; time++) {
        const again = await open(log);
        const raws = await again.rawBlocks(0, { maxCount: 1_000, maxBytes: 1_000_000 });
        expect(raws.map(bytes)).toEqual(blocks.map(({ raw }) => bytes(raw)));
        expect(await again.head()).toEqual(head);
        await again.close();
      }
      expect(log.lines).toEqual([]);
    });
  });
}

/** Buffers and plain arrays of the same bytes are equal here. */
function bytes(value: Uint8Array | undefined): string {
  return Buffer.from(value ?? []).toString('hex');
}
