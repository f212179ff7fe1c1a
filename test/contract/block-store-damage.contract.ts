import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  encodeIndexRecord,
  numberKey,
  removedKey,
} from '../../src/modules/blockchain/adapters/durable/records.js';
import type { Batch, TableName, Tables } from '../../src/modules/blockchain/adapters/durable/tables.js';
import type { BlockStore } from '../../src/modules/blockchain/ports/block-store.port.js';
import { aStoredBlock, storedBlocks, storedHash } from '../support/stored-blocks.js';

const isCorrupt = { code: 'BLOCKCHAIN.STORE_CORRUPT' };
const HEAD_KEY = Buffer.from('head');

/** One store on disk. */
export interface StoreOnDisk {
  readonly open: () => Promise<BlockStore>;
  /** The tables of the closed store. */
  readonly openTables: () => Promise<Tables>;
}

type Damage = (batch: Batch, tables: Tables) => void;

/** An answer is right or BLOCKCHAIN.STORE_CORRUPT, whatever happened to the records; `newStore` names a place for a new store. */
export function blockStoreDamageContract(name: string, newStore: () => StoreOnDisk): void {
  describe(`damage in ${name}`, () => {
    let disk: StoreOnDisk;
    let store: BlockStore | undefined;

    beforeEach(() => {
      disk = newStore();
    });
    afterEach(async () => {
      await store?.close();
      store = undefined;
    });

    async function reopen(): Promise<BlockStore> {
      store = await disk.open();
      return store;
    }

    /** A closed store with blocks 0 to `last`, changed behind its back. */
    async function damaged(last: number, damage: Damage = () => {}): Promise<void> {
      const opened = await reopen();
      await opened.append(storedBlocks(0, last, { statesEvery: 2 }));
      await opened.close();
      store = undefined;
      const tables = await disk.openTables();
      await tables.commit((batch) => damage(batch, tables));
      await tables.close();
    }

    function flip(table: TableName, key: Uint8Array, at: number): Damage {
      return (batch, tables) => {
        const value = tables.get(table, key);
        if (value === undefined) throw new Error('nothing to damage');
        value[at] = (value[at] ?? 0) ^ 0x10;
        batch.put(table, key, value);
      };
    }
    const put = (table: TableName, key: Uint8Array, value: Uint8Array): Damage => {
      return (batch) => batch.put(table, key, value);
    };
    const remove = (table: TableName, key: Uint8Array): Damage => {
      return (batch) => batch.remove(table, key);
    };

    it.each([0, 3, 4, 50, 140])('of byte %s of a block is noticed, and touches no other', async (at) => {
      await damaged(4, flip('blocks', numberKey(2), at));
      const opened = await reopen();
      const found = { ...isCorrupt, detail: { number: 2 } };
      await expect(opened.rawBlock(2)).rejects.toMatchObject(found);
      await expect(opened.rawHeader(2)).rejects.toMatchObject(found);
      await expect(opened.rawBlocks(0, { maxCount: 9, maxBytes: 9_999 })).rejects.toMatchObject(found);
      expect(await opened.rawBlocks(3, { maxCount: 9, maxBytes: 9_999 })).toHaveLength(2);
      expect(await opened.hashByNumber(2)).toEqual(storedHash(2));
    });

    it.each([0, 3, 4, 10, 36, 51])('of byte %s of an index is noticed', async (at) => {
      await damaged(4, flip('index', numberKey(2), at));
      const opened = await reopen();
      await expect(opened.hashByNumber(2)).rejects.toMatchObject({ ...isCorrupt, detail: { number: 2 } });
      await expect(opened.numberByHash(storedHash(2))).rejects.toMatchObject(isCorrupt);
      await expect(opened.rewind(2)).rejects.toMatchObject(isCorrupt);
    });

    it.each([0, 11])('of byte %s of the index by hash is noticed', async (at) => {
      await damaged(4, flip('hashes', storedHash(2), at));
      await expect((await reopen()).numberByHash(storedHash(2))).rejects.toMatchObject(isCorrupt);
    });

    it.each<{ name: string; damage: Damage }>([
      { name: 'a block that is missing', damage: remove('blocks', numberKey(2)) },
      { name: 'a block cut off', damage: put('blocks', numberKey(2), Buffer.alloc(3)) },
      { name: 'an index that is missing', damage: remove('index', numberKey(2)) },
      { name: 'an index cut off', damage: put('index', numberKey(2), Buffer.alloc(51)) },
      {
        name: 'an index by hash cut off',
        damage: put('hashes', storedHash(2), Buffer.alloc(5)),
      },
      {
        name: 'the record of another block',
        damage: (batch, tables) =>
          batch.put('blocks', numberKey(2), tables.get('blocks', numberKey(3)) ?? Buffer.of()),
      },
    ])('$name is found out when read', async ({ damage }) => {
      await damaged(4, damage);
      const opened = await reopen();
      const asked = Promise.all([
        opened.rawBlock(2),
        opened.hashByNumber(2),
        opened.numberByHash(storedHash(2)),
      ]);
      await expect(asked).rejects.toMatchObject(isCorrupt);
    });

    it('of an index does not keep a rewind from removing the block', async () => {
      await damaged(4, flip('index', numberKey(3), 9));
      const opened = await reopen();
      expect((await opened.rewind(2)).map(({ number }) => number)).toEqual([4]);
      expect(await opened.numberByHash(storedHash(3))).toBeUndefined();
      await opened.append([aStoredBlock(3, { fork: 5, parentFork: 0 })]);
      expect(await opened.numberByHash(storedHash(3))).toBeUndefined();
    });

    it.each<{ name: string; head: number; damage: Damage }>([
      { name: 'a head that cannot be read', head: 4, damage: flip('meta', HEAD_KEY, 11) },
      { name: 'a head cut off', head: 4, damage: put('meta', HEAD_KEY, Buffer.alloc(2)) },
      { name: 'no head', head: 4, damage: remove('meta', HEAD_KEY) },
      { name: 'a head whose index is damaged', head: 3, damage: flip('index', numberKey(4), 20) },
      { name: 'a head whose index is missing', head: 3, damage: remove('index', numberKey(4)) },
      {
        name: 'an index above the head',
        head: 5,
        damage: put('index', numberKey(5), encodeIndexRecord({ ...aStoredBlock(5), totalDifficulty: 15n })),
      },
    ])('$name: the newest whole height takes its place', async ({ head, damage }) => {
      await damaged(4, damage);
      const opened = await reopen();
      expect(await opened.head()).toMatchObject({ number: head, hash: storedHash(head) });
      await opened.append([aStoredBlock(head + 1)]);
      await opened.close();
      expect((await (await reopen()).head())?.number).toBe(head + 1);
    });

    it.each([0, 3, 4, 8])('of byte %s of a state is noticed when it is asked for', async (at) => {
      await damaged(4, flip('states', numberKey(2), at));
      const opened = await reopen();
      await expect(opened.stateAt(3)).rejects.toMatchObject({ ...isCorrupt, detail: { number: 2 } });
      expect(await opened.stateAt(1)).toMatchObject({ number: 0 });
      expect(await opened.stateAt(4)).toMatchObject({ number: 4 });
      expect(await opened.rawBlocks(0, { maxCount: 9, maxBytes: 9_999 })).toHaveLength(5);
    });

    it('of a removed block is noticed when it is asked for', async () => {
      await damaged(4);
      const opened = await reopen();
      await opened.rewind(2);
      await opened.close();
      const tables = await disk.openTables();
      await tables.commit((batch) => {
        flip('removed', removedKey(3, storedHash(3)), 40)(batch, tables);
        batch.put('removed', removedKey(4, storedHash(4)), Buffer.alloc(3));
      });
      await tables.close();
      const again = await reopen();
      await expect(again.removedBlock(storedHash(3))).rejects.toMatchObject(isCorrupt);
      await expect(again.removedBlock(storedHash(4))).rejects.toMatchObject(isCorrupt);
      expect(await again.numberByHash(storedHash(3))).toBeUndefined();
    });

    it('does not keep a store from being pruned', async () => {
      await damaged(9, (batch, tables) => {
        flip('index', numberKey(3), 9)(batch, tables);
        flip('blocks', numberKey(4), 9)(batch, tables);
        batch.remove('blocks', numberKey(5));
        flip('states', numberKey(2), 5)(batch, tables);
      });
      const opened = await reopen();
      expect(await opened.prune(7, { maxCount: 100 })).toEqual({ tail: 7, removed: 6 });
      expect(await opened.stateAt(7)).toMatchObject({ number: 6 });
      expect(await opened.numberByHash(storedHash(3))).toBeUndefined();
      expect(await opened.rawBlocks(7, { maxCount: 9, maxBytes: 9_999 })).toHaveLength(3);
    });

    it('of the head of a store that was pruned: the index tells where it begins', async () => {
      const opened = await disk.open();
      await opened.append(storedBlocks(0, 9, { statesEvery: 2 }));
      await opened.prune(5, { maxCount: 100 });
      await opened.close();
      const tables = await disk.openTables();
      await tables.commit((batch) => batch.remove('meta', HEAD_KEY));
      await tables.close();
      const again = await reopen();
      expect(await again.tail()).toBe(5);
      expect((await again.head())?.number).toBe(9);
      expect(await again.stateAt(5)).toMatchObject({ number: 4 });
      expect(await again.bodyBytes()).toBeGreaterThan(0);
    });

    it('of every index leaves nothing to start from', async () => {
      await damaged(1, (batch, tables) => {
        for (const number of [0, 1]) flip('index', numberKey(number), 7)(batch, tables);
      });
      await expect(reopen()).rejects.toMatchObject(isCorrupt);
    });

    it('that makes a full store look new is refused', async () => {
      await damaged(3_000, remove('meta', Buffer.from('schema')));
      await expect(reopen()).rejects.toMatchObject(isCorrupt);
    });

    it('that leaves a head and no index is refused', async () => {
      await damaged(0, remove('index', numberKey(0)));
      await expect(reopen()).rejects.toMatchObject(isCorrupt);
    });
  });
}
