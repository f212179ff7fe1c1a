import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aStoredBlock, storedBlocks, storedHash } from '../../../../../test/contract/block-store.contract.js';
import { SilentLogger } from '../../../../common/logger.port.js';
import type { BlockStore } from '../../ports/block-store.port.js';
import { openLmdbBlockStore } from './lmdb-block-store.adapter.js';
import { encodeIndexRecord, numberKey } from './records.js';
import { openTables, type Table, type Tables } from './tables.js';

const isCorrupt = { code: 'BLOCKCHAIN.STORE_CORRUPT' };
const HEAD_KEY = Buffer.from('head');

/** An answer is right or BLOCKCHAIN.STORE_CORRUPT, whatever happened to the file. */
describe('damage in an LMDB block store', () => {
  let path: string;
  let store: BlockStore | undefined;

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'edgekeeper-damage-'));
  });
  afterEach(async () => {
    await store?.close();
    store = undefined;
    await rm(path, { recursive: true, force: true });
  });

  async function reopen(): Promise<BlockStore> {
    store = await openLmdbBlockStore({ path, log: new SilentLogger() });
    return store;
  }

  /** A closed store with blocks 0 to `last`, changed behind its back. */
  async function damaged(last: number, damage: (tables: Tables) => void = () => {}): Promise<void> {
    const opened = await reopen();
    await opened.append(storedBlocks(0, last));
    await opened.close();
    store = undefined;
    const tables = openTables(path);
    tables.meta.transactionSync(() => damage(tables));
    await tables.close();
  }

  function flip(table: Table, key: Uint8Array, at: number): void {
    const value = table.getBinary(key);
    if (value === undefined) throw new Error('nothing to damage');
    value[at] = (value[at] ?? 0) ^ 0x10;
    table.putSync(key, value);
  }

  it.each([0, 3, 4, 50, 140])('of byte %s of a block is noticed, and touches no other', async (at) => {
    await damaged(4, ({ blocks }) => flip(blocks, numberKey(2), at));
    const opened = await reopen();
    const found = { ...isCorrupt, detail: { number: 2 } };
    await expect(opened.rawBlock(2)).rejects.toMatchObject(found);
    await expect(opened.rawHeader(2)).rejects.toMatchObject(found);
    await expect(opened.rawBlocks(0, { maxCount: 9, maxBytes: 9_999 })).rejects.toMatchObject(found);
    expect(await opened.rawBlocks(3, { maxCount: 9, maxBytes: 9_999 })).toHaveLength(2);
    expect(await opened.hashByNumber(2)).toEqual(storedHash(2));
  });

  it.each([0, 3, 4, 10, 36, 51])('of byte %s of an index is noticed', async (at) => {
    await damaged(4, ({ index }) => flip(index, numberKey(2), at));
    const opened = await reopen();
    await expect(opened.hashByNumber(2)).rejects.toMatchObject({ ...isCorrupt, detail: { number: 2 } });
    await expect(opened.numberByHash(storedHash(2))).rejects.toMatchObject(isCorrupt);
    await expect(opened.rewind(2)).rejects.toMatchObject(isCorrupt);
  });

  it.each([0, 11])('of byte %s of the index by hash is noticed', async (at) => {
    await damaged(4, ({ hashes }) => flip(hashes, storedHash(2), at));
    await expect((await reopen()).numberByHash(storedHash(2))).rejects.toMatchObject(isCorrupt);
  });

  it.each<{ name: string; damage: (tables: Tables) => void }>([
    { name: 'a block that is missing', damage: ({ blocks }) => blocks.removeSync(numberKey(2)) },
    { name: 'a block cut off', damage: ({ blocks }) => blocks.putSync(numberKey(2), Buffer.alloc(3)) },
    { name: 'an index that is missing', damage: ({ index }) => index.removeSync(numberKey(2)) },
    { name: 'an index cut off', damage: ({ index }) => index.putSync(numberKey(2), Buffer.alloc(51)) },
    {
      name: 'an index by hash cut off',
      damage: ({ hashes }) => hashes.putSync(storedHash(2), Buffer.alloc(5)),
    },
    {
      name: 'the record of another block',
      damage: ({ blocks }) => blocks.putSync(numberKey(2), blocks.getBinary(numberKey(3)) ?? Buffer.of()),
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
    await damaged(4, ({ index }) => flip(index, numberKey(3), 9));
    const opened = await reopen();
    expect((await opened.rewind(2)).map(({ number }) => number)).toEqual([4]);
    expect(await opened.numberByHash(storedHash(3))).toBeUndefined();
    await opened.append([aStoredBlock(3, { fork: 5, parentFork: 0 })]);
    expect(await opened.numberByHash(storedHash(3))).toBeUndefined();
  });

  it.each<{ name: string; head: number; damage: (tables: Tables) => void }>([
    { name: 'a head that cannot be read', head: 4, damage: ({ meta }) => flip(meta, HEAD_KEY, 11) },
    { name: 'a head cut off', head: 4, damage: ({ meta }) => meta.putSync(HEAD_KEY, Buffer.alloc(2)) },
    { name: 'no head', head: 4, damage: ({ meta }) => meta.removeSync(HEAD_KEY) },
    { name: 'a head whose index is damaged', head: 3, damage: ({ index }) => flip(index, numberKey(4), 20) },
    { name: 'a head whose index is missing', head: 3, damage: ({ index }) => index.removeSync(numberKey(4)) },
    {
      name: 'an index above the head',
      head: 5,
      damage: ({ index }) =>
        index.putSync(numberKey(5), encodeIndexRecord({ ...aStoredBlock(5), totalDifficulty: 15n })),
    },
  ])('$name: the newest whole height takes its place', async ({ head, damage }) => {
    await damaged(4, damage);
    const opened = await reopen();
    expect(await opened.head()).toMatchObject({ number: head, hash: storedHash(head) });
    await opened.append([aStoredBlock(head + 1)]);
    await opened.close();
    expect((await (await reopen()).head())?.number).toBe(head + 1);
  });

  it('of every index leaves nothing to start from', async () => {
    await damaged(1, ({ index }) => {
      flip(index, numberKey(0), 7);
      flip(index, numberKey(1), 7);
    });
    await expect(reopen()).rejects.toMatchObject(isCorrupt);
  });

  it('that makes a full store look new is refused', async () => {
    await damaged(3_000, ({ meta }) => {
      meta.removeSync(Buffer.from('schema'));
    });
    await expect(reopen()).rejects.toMatchObject(isCorrupt);
  });

  it('that leaves a head and no index is refused', async () => {
    await damaged(0, ({ index }) => index.removeSync(numberKey(0)));
    await expect(reopen()).rejects.toMatchObject(isCorrupt);
  });

  it.each([18, 24, 48, 50, 148, 153, 4_096 + 24, 4_096 + 48, 4_096 + 158])(
    'of byte %s of the file is refused before LMDB sees it',
    async (at) => {
      await damaged(4);
      const file = join(path, 'data.mdb');
      const content = await readFile(file);
      content[at] = 0x77;
      await writeFile(file, content);
      await expect(reopen()).rejects.toMatchObject(isCorrupt);
    },
  );

  it.each([0.75, 0.5, 0.25])(
    'that left %s of the file is refused, and the file left alone',
    async (share) => {
      await damaged(2_500);
      const file = join(path, 'data.mdb');
      const { size } = await stat(file);
      const bytes = Math.floor(size * share);
      await truncate(file, bytes);
      const message = `the store is damaged: ${file} is cut short: it has ${bytes} of ${size} bytes`;
      await expect(reopen()).rejects.toMatchObject({ ...isCorrupt, message });
      expect((await stat(file)).size).toBe(bytes);
    },
  );

  it('that left less than half of a small file is refused', async () => {
    await damaged(4);
    const file = join(path, 'data.mdb');
    await truncate(file, Math.floor((await stat(file)).size / 2) - 4_096);
    await expect(reopen()).rejects.toMatchObject(isCorrupt);
  });

  it('that cut a few pages off gives errors or right answers, and never ends the process', async () => {
    await damaged(400);
    const file = join(path, 'data.mdb');
    const { size } = await stat(file);
    await truncate(file, size - 20 * 4_096);
    const opened = await reopen().catch((error: unknown) => {
      expect(error).toMatchObject(isCorrupt);
    });
    for (let number = 0; opened && number <= 400; number++) {
      const raw = await opened.rawBlock(number).catch((error: unknown) => {
        expect(error).toMatchObject(isCorrupt);
      });
      if (raw) expect(Buffer.compare(raw, aStoredBlock(number).raw)).toBe(0);
    }
  });

  it('that left another kind of file is refused', async () => {
    await writeFile(join(path, 'data.mdb'), 'x'.repeat(100));
    await expect(reopen()).rejects.toMatchObject(isCorrupt);
  });
});
