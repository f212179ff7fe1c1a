import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  blockStoreContract,
  durableBlockStoreContract,
} from '../../../../../test/contract/block-store.contract.js';
import { blockStoreDamageContract } from '../../../../../test/contract/block-store-damage.contract.js';
import { fullBlockStoreContract } from '../../../../../test/contract/block-store-full.contract.js';
import { blockStoreModelContract } from '../../../../../test/contract/block-store-model.contract.js';
import { blockStoreRetentionContract } from '../../../../../test/contract/block-store-retention.contract.js';
import { blockStoreStatesContract } from '../../../../../test/contract/block-store-states.contract.js';
import { storedBlocks } from '../../../../../test/support/stored-blocks.js';
import { SilentLogger } from '../../../../common/logger.port.js';
import type { BlockStore } from '../../ports/block-store.port.js';
import { DurableBlockStore } from '../durable/durable-block-store.js';
import { openLevelBlockStore } from './level-block-store.adapter.js';
import { LevelTables } from './level-tables.js';

const log = new SilentLogger();
let root: string;
let folders = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'edgekeeper-level-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const newPath = () => join(root, `${++folders}`, 'blocks');
const openNew = () => openLevelBlockStore({ path: newPath(), log });

blockStoreContract('LevelBlockStore', openNew);
blockStoreStatesContract('LevelBlockStore', openNew);
blockStoreRetentionContract('LevelBlockStore', openNew);
durableBlockStoreContract('LevelBlockStore', () => {
  const path = newPath();
  return (log) => openLevelBlockStore({ path, log });
});
blockStoreModelContract(
  'LevelBlockStore',
  () => {
    const path = newPath();
    return () => openLevelBlockStore({ path, log });
  },
  { isDurable: true },
);
fullBlockStoreContract('LevelBlockStore', async (path, guard) => {
  const { tables } = await LevelTables.open(path);
  return DurableBlockStore.open(guard(tables), true, log);
});
blockStoreDamageContract('LevelBlockStore', () => {
  const path = newPath();
  return {
    open: () => openLevelBlockStore({ path, log }),
    openTables: async () => (await LevelTables.open(path)).tables,
  };
});

describe('LevelBlockStore', () => {
  const isCorrupt = { code: 'BLOCKCHAIN.STORE_CORRUPT' };
  let path: string;
  let store: BlockStore | undefined;

  beforeEach(() => {
    path = newPath();
  });
  afterEach(async () => {
    await store?.close();
    store = undefined;
  });

  async function reopen(): Promise<BlockStore> {
    await store?.close();
    store = undefined;
    store = await openLevelBlockStore({ path, log });
    return store;
  }

  async function closedStore(last: number): Promise<void> {
    await (await reopen()).append(storedBlocks(0, last, { bytes: 1_000 }));
    await store?.close();
    store = undefined;
  }

  it('is for one process: a second opening is refused, and the first goes on', async () => {
    const first = await reopen();
    const isLocked = { code: 'BLOCKCHAIN.STORE_LOCKED', detail: { path } };
    await expect(openLevelBlockStore({ path, log })).rejects.toMatchObject(isLocked);
    await first.append(storedBlocks(0, 1));
    expect((await (await reopen()).head())?.number).toBe(1);
  });

  it('says why a folder cannot be used', async () => {
    const file = join(root, 'a-file');
    await writeFile(file, '');
    await expect(openLevelBlockStore({ path: join(file, 'blocks'), log })).rejects.toMatchObject({
      code: 'BLOCKCHAIN.STORE_FAILED',
      detail: { reason: expect.stringContaining('ENOTDIR') },
    });
  });

  it.each([/^CURRENT$/, /^MANIFEST/])('refuses a store whose file %s is missing or damaged', async (name) => {
    for (const damage of [rm, (file: string) => writeFile(file, 'x'.repeat(50))]) {
      path = newPath();
      await closedStore(20);
      await reopen();
      await store?.close();
      store = undefined;
      const before = await readdir(path);
      const file = before.find((each) => name.test(each)) ?? '';
      await damage(join(path, file));
      await expect(reopen()).rejects.toMatchObject(isCorrupt);
      expect(await readdir(path)).toEqual(expect.arrayContaining(before.filter((each) => /ldb$/.test(each))));
    }
  });

  it('refuses a store whose log lost its beginning', async () => {
    await closedStore(20);
    const log = join(path, (await readdir(path)).find((each) => each.endsWith('.log')) ?? '');
    const content = await readFile(log);
    await writeFile(log, content.fill(0x55, 0, 40));
    await expect(reopen()).rejects.toMatchObject(isCorrupt);
  });

  it.each([0, 1, 7, 300, 32_768, 40_000, 65_530, 70_000])(
    'whose log is damaged at byte %s is refused, or is that of an earlier time',
    async (at) => {
      const opened = await reopen();
      const blocks = storedBlocks(0, 79, { bytes: 1_000 });
      for (const block of blocks) await opened.append([block]);
      await opened.close();
      store = undefined;
      const log = join(path, (await readdir(path)).find((each) => each.endsWith('.log')) ?? '');
      const content = await readFile(log);
      expect(content.length).toBeGreaterThan(80_000);
      for (const offset of [at, content.length - 50]) {
        const damaged = Buffer.from(content);
        damaged[offset] = (damaged[offset] ?? 0) ^ 0x04;
        await writeFile(log, damaged);
        if (offset === at) await expect(reopen()).rejects.toMatchObject(isCorrupt);
      }
      const again = await reopen();
      expect((await again.head())?.number).toBe(78);
      expect(await again.rawBlocks(0, { maxCount: 100, maxBytes: 1_000_000 })).toHaveLength(79);
    },
  );

  it('whose tables are damaged gives errors or right answers', async () => {
    await closedStore(3_000);
    await reopen();
    await store?.close();
    store = undefined;
    const tables = (await readdir(path)).filter((each) => each.endsWith('.ldb'));
    for (const table of tables) {
      const content = await readFile(join(path, table));
      for (let at = 1_000; at < content.length; at += 5_000) content[at] = (content[at] ?? 0) ^ 0x40;
      await writeFile(join(path, table), content);
    }
    const opened = await reopen().catch((error: unknown) => expect(error).toMatchObject(isCorrupt));
    if (!opened) return;
    for (const { number, raw } of storedBlocks(0, 3_000, { bytes: 1_000 })) {
      const found = await opened.rawBlock(number).catch((error: unknown) => {
        expect(error).toMatchObject(isCorrupt);
      });
      if (found) expect(Buffer.compare(found, raw)).toBe(0);
    }
  });
});
