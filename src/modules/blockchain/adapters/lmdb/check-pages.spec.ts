import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { storedBlocks, storedHash } from '../../../../../test/support/stored-blocks.js';
import { LmdbFileFault, newestMeta } from '../../../../common/lmdb-file.js';
import { SilentLogger } from '../../../../common/logger.port.js';
import { checkPages } from './check-pages.js';
import { openLmdbBlockStore } from './lmdb-block-store.adapter.js';

const PAGE = 4_096;
const HEADER = 24;
const log = new SilentLogger();
const none = () => undefined;

/** What is changed of one page. */
type Change = (page: Buffer) => void;

/** A store with every kind of page: free ones, branches, values with pages of their own. */
describe('checkPages', () => {
  let path: string;
  let sound: Buffer;

  beforeAll(async () => {
    path = await mkdtemp(join(tmpdir(), 'edgekeeper-pages-'));
    const store = await openLmdbBlockStore({ path, log });
    for (let from = 0; from < 1_200; from += 100) {
      await store.append(
        storedBlocks(from, from + 99, { statesEvery: 3, bytes: from === 300 ? 6_000 : 700 }),
      );
    }
    await store.rewind(900);
    await store.prune(150, { maxCount: 100 });
    await store.close();
    sound = await readFile(join(path, 'data.mdb'));
  });
  afterAll(() => rm(path, { recursive: true, force: true }));

  async function write(content: Buffer): Promise<void> {
    await writeFile(join(path, 'data.mdb'), content);
  }

  /** A page of the given kind that the store's trees reach. */
  async function pageWith(flags: number, skip = 0): Promise<number> {
    await write(sound);
    let left = skip;
    for (let number = 2; number < sound.length / PAGE; number++) {
      if (sound.readUInt16LE(number * PAGE + 18) !== flags) continue;
      const content = Buffer.from(sound);
      content.writeUInt16LE(0x40, number * PAGE + 18);
      await write(content);
      const isUsed = await checkPages(path, none).then(
        () => false,
        () => true,
      );
      if (isUsed && left-- === 0) return number;
    }
    throw new Error('no such page');
  }

  async function check(number: number, change: Change): Promise<unknown> {
    const content = Buffer.from(sound);
    change(content.subarray(number * PAGE, (number + 1) * PAGE));
    await write(content);
    return checkPages(path, none);
  }

  it('finds nothing wrong with a sound file, all of it', async () => {
    await write(sound);
    const { pages, isAll } = await checkPages(path, none);
    expect(isAll).toBe(true);
    expect(pages).toBeGreaterThan(200);
  });

  it('looks at no more leaf pages than it may, and at branch pages all the same', async () => {
    await write(sound);
    const { pages, isAll } = await checkPages(path, none, 10);
    expect(isAll).toBe(false);
    expect(pages).toBeLessThan(60);
  });

  it('gives the records of a table', async () => {
    await write(sound);
    const keys: string[] = [];
    await checkPages(path, (table) =>
      table === 'hashes' ? ({ key }) => keys.push(key.toString('hex')) : undefined,
    );
    expect(keys).toContain(Buffer.from(storedHash(900)).toString('hex'));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('reads values that have pages of their own', async () => {
    await write(sound);
    const sizes: number[] = [];
    await checkPages(path, (table) =>
      table === 'blocks' ? ({ value }) => sizes.push(value().length) : undefined,
    );
    expect(Math.max(...sizes)).toBeGreaterThan(6_000);
  });

  it.each<{ name: string; change: Change }>([
    { name: 'number', change: (page) => page.writeUInt32LE(7_777, 0) },
    { name: 'transaction', change: (page) => page.writeUInt32LE(0xffff, 12) },
    { name: 'kind', change: (page) => page.writeUInt16LE(0x01, 18) },
    { name: 'odd bound', change: (page) => page.writeUInt16LE(page.readUInt16LE(20) + 1, 20) },
    { name: 'bounds that cross', change: (page) => page.writeUInt16LE(0, 22) },
    { name: 'bound outside', change: (page) => page.writeUInt16LE(0xfffe, 22) },
    { name: 'no node', change: (page) => page.writeUInt16LE(0, 20) },
    { name: 'node outside', change: (page) => page.writeUInt16LE(0xff0, HEADER) },
    { name: 'node before the others', change: (page) => page.writeUInt16LE(0, HEADER) },
    {
      name: 'node at an odd offset',
      change: (page) => page.writeUInt16LE(page.readUInt16LE(HEADER) - 1, HEADER),
    },
    { name: 'key that is too long', change: (page) => page.writeUInt16LE(9_000, nodeOf(page) + 6) },
    { name: 'value that is too long', change: (page) => page.writeUInt32LE(1 << 24, nodeOf(page)) },
    { name: 'kind of node', change: (page) => page.writeUInt16LE(0x80, nodeOf(page) + 4) },
    { name: 'key out of order', change: (page) => page.writeUInt8(0xff, nodeOf(page) + 8) },
    { name: 'lost content', change: (page) => page.fill(0) },
  ])('names the leaf page with a wrong $name', async ({ change }) => {
    const number = await pageWith(0x02, 3);
    const found = check(number, change);
    await expect(found).rejects.toBeInstanceOf(LmdbFileFault);
    await expect(found).rejects.toThrow(`page ${number} `);
  });

  it.each<{ name: string; change: Change }>([
    { name: 'kind', change: (page) => page.writeUInt16LE(0x02, 18) },
    { name: 'single child', change: (page) => page.writeUInt16LE(2, 20) },
    { name: 'child outside of the file', change: (page) => page.writeUInt32LE(0xffff_ffff, nodeOf(page, 1)) },
    { name: 'child that is no page of a tree', change: (page) => page.writeUInt32LE(1, nodeOf(page, 1)) },
    {
      name: 'child twice',
      change: (page) => page.writeUInt32LE(page.readUInt32LE(nodeOf(page)), nodeOf(page, 1)),
    },
    { name: 'key above what follows', change: (page) => page.writeUInt8(0xff, nodeOf(page, 1) + 8) },
    {
      name: 'key above the child',
      change: (page) => page.writeUInt8(page.readUInt8(nodeOf(page, 1) + 15) + 1, nodeOf(page, 1) + 15),
    },
  ])('notices a branch page with a wrong $name', async ({ change }) => {
    await expect(check(await pageWith(0x01), change)).rejects.toBeInstanceOf(LmdbFileFault);
  });

  it.each<{ name: string; change: Change }>([
    { name: 'number', change: (page) => page.writeUInt32LE(7_777, 0) },
    { name: 'kind', change: (page) => page.writeUInt16LE(0x02, 18) },
    { name: 'length', change: (page) => page.writeUInt32LE(900, 20) },
  ])('names the page of a value with a wrong $name', async ({ change }) => {
    const number = await pageWith(0x04);
    await expect(check(number, change)).rejects.toThrow(`page ${number} `);
  });

  it.each([
    { name: 'count of entries', at: 32 },
    { name: 'count of leaf pages', at: 16 },
    { name: 'depth', at: 6 },
  ])('compares the $name of a tree with what is there', async ({ at }) => {
    await write(sound);
    const file = await open(join(path, 'data.mdb'), 'r+');
    try {
      const { transaction } = await newestMeta(file);
      const meta = Number(transaction % 2n) * PAGE;
      const byte = sound.readUInt8(meta + 96 + at);
      await file.write(Uint8Array.of(byte + 1), 0, 1, meta + 96 + at);
    } finally {
      await file.close();
    }
    await expect(checkPages(path, none)).rejects.toBeInstanceOf(LmdbFileFault);
  });
});

/** Where a node of a page stands. */
function nodeOf(page: Buffer, index = 0): number {
  return HEADER + page.readUInt16LE(HEADER + 2 * index);
}
