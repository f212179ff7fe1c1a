import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { open as openEnvironment } from 'lmdb';
import {
  blockStoreContract,
  durableBlockStoreContract,
} from '../../../../../test/contract/block-store.contract.js';
import { blockStoreDamageContract } from '../../../../../test/contract/block-store-damage.contract.js';
import { fullBlockStoreContract } from '../../../../../test/contract/block-store-full.contract.js';
import { blockStoreModelContract } from '../../../../../test/contract/block-store-model.contract.js';
import { blockStoreRetentionContract } from '../../../../../test/contract/block-store-retention.contract.js';
import { blockStoreStatesContract } from '../../../../../test/contract/block-store-states.contract.js';
import {
  aStoredBlock,
  storedBlocks,
  storedHash,
  storedState,
} from '../../../../../test/support/stored-blocks.js';
import { SilentLogger } from '../../../../common/logger.port.js';
import { processIdentity } from '../../../../common/process-identity.js';
import type { BlockStore } from '../../ports/block-store.port.js';
import { DurableBlockStore } from '../durable/durable-block-store.js';
import { encodeRecord, numberKey } from '../durable/records.js';
import type { Batch } from '../durable/tables.js';
import { openLmdbBlockStore } from './lmdb-block-store.adapter.js';
import { LmdbTables } from './lmdb-tables.js';
import { OWNER_KEY } from './ownership.js';

const HEAD_KEY = Buffer.from('head');
const SCHEMA_KEY = Buffer.from('schema');
const NO_PROCESS = 2 ** 22 + 1;
const log = new SilentLogger();
let root: string;
let folders = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'edgekeeper-lmdb-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const newPath = () => join(root, `${++folders}`, 'blocks');

blockStoreContract('LmdbBlockStore', () => openLmdbBlockStore({ path: newPath(), log }));
blockStoreStatesContract('LmdbBlockStore', () => openLmdbBlockStore({ path: newPath(), log }));
blockStoreRetentionContract('LmdbBlockStore', () => openLmdbBlockStore({ path: newPath(), log }));
durableBlockStoreContract('LmdbBlockStore', () => {
  const path = newPath();
  return (log) => openLmdbBlockStore({ path, log });
});

blockStoreModelContract(
  'LmdbBlockStore',
  () => {
    const path = newPath();
    return () => openLmdbBlockStore({ path, log });
  },
  { isDurable: true },
);
fullBlockStoreContract('LmdbBlockStore', async (path, guard) => {
  const { tables } = await LmdbTables.open(path);
  return DurableBlockStore.open(guard(tables), true, log);
});
blockStoreDamageContract('LmdbBlockStore', () => {
  const path = newPath();
  return {
    open: () => openLmdbBlockStore({ path, log }),
    openTables: async () => (await LmdbTables.open(path)).tables,
  };
});

describe('LmdbBlockStore', () => {
  let path = '';
  let store: BlockStore | undefined;

  afterEach(async () => {
    await store?.close();
    store = undefined;
    path = newPath();
  });
  beforeAll(() => {
    path = newPath();
  });

  async function reopen(): Promise<BlockStore> {
    await store?.close();
    store = undefined;
    store = await openLmdbBlockStore({ path, log });
    return store;
  }

  /** Changes the closed store behind its back. */
  async function meddle(change: (batch: Batch) => void): Promise<void> {
    await store?.close();
    store = undefined;
    const { tables } = await LmdbTables.open(path);
    await tables.commit(change);
    await tables.close();
  }

  async function leaveClaim(owner: string): Promise<void> {
    await (await reopen()).append(storedBlocks(0, 1));
    await store?.close();
    store = undefined;
    const env = openEnvironment({ path, noSubdir: false });
    await env
      .openDB('meta', { encoding: 'binary', keyEncoding: 'binary' })
      .put(OWNER_KEY, Buffer.from(owner));
    await env.close();
  }

  it('still holds everything when opened again', async () => {
    await (await reopen()).append(storedBlocks(0, 300));
    const again = await reopen();
    expect(await again.head()).toEqual({ number: 300, hash: storedHash(300), totalDifficulty: 45_150n });
    expect(await again.numberByHash(storedHash(150))).toBe(150);
    await again.append([aStoredBlock(301)]);
    expect((await (await reopen()).head())?.number).toBe(301);
  });

  it('remembers a rewind', async () => {
    const first = await reopen();
    await first.append(storedBlocks(0, 10));
    await first.rewind(4);
    expect((await (await reopen()).head())?.number).toBe(4);
  });

  describe('one process at a time', () => {
    const isLocked = { code: 'BLOCKCHAIN.STORE_LOCKED', detail: { path: expect.any(String) } };

    it('refuses a second opening, and the first goes on', async () => {
      const first = await reopen();
      await first.append(storedBlocks(0, 1));
      await expect(openLmdbBlockStore({ path, log })).rejects.toMatchObject(isLocked);
      await expect(openLmdbBlockStore({ path, log })).rejects.toMatchObject(isLocked);
      await first.append([aStoredBlock(2)]);
      expect(await first.numberByHash(storedHash(2))).toBe(2);
      expect((await (await reopen()).head())?.number).toBe(2);
    });

    it('refuses while the process of the claim runs, and takes over once it is dead', async () => {
      const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      const { pid = NO_PROCESS } = other;
      await leaveClaim(`${pid} ${processIdentity(pid)}`);
      await expect(reopen()).rejects.toMatchObject(isLocked);
      other.kill('SIGKILL');
      await once(other, 'exit');
      expect((await (await reopen()).head())?.number).toBe(1);
    });

    it('takes over from a process whose ID another one has now', async () => {
      await leaveClaim(`${process.pid} some-boot/12`);
      expect((await (await reopen()).head())?.number).toBe(1);
    });
  });

  it('refuses the store of a newer version, clearly and again', async () => {
    await (await reopen()).append(storedBlocks(0, 1));
    await meddle((batch) => batch.put('meta', SCHEMA_KEY, Uint8Array.of(3)));
    const isRefused = {
      code: 'BLOCKCHAIN.STORE_FAILED',
      detail: { reason: expect.stringContaining('schema version is 3') },
    };
    await expect(reopen()).rejects.toMatchObject(isRefused);
    await expect(reopen()).rejects.toMatchObject(isRefused);
  });

  it.each([
    { name: 'with blocks', last: 50, damage: () => {} },
    { name: 'whose head is damaged', last: 50, damage: (batch: Batch) => batch.remove('meta', HEAD_KEY) },
  ])('brings a store of schema 1 $name up to date', async ({ last, damage }) => {
    await (await reopen()).append(storedBlocks(0, last, { bytes: 1_000 }));
    await meddle((batch) => {
      batch.put('meta', SCHEMA_KEY, Uint8Array.of(1));
      batch.put('meta', HEAD_KEY, encodeRecord(0, numberKey(last)));
      damage(batch);
    });
    for (let time = 0; time < 2; time++) {
      const opened = await reopen();
      expect(await opened.head()).toMatchObject({ number: last, hash: storedHash(last) });
      expect(await opened.tail()).toBe(0);
      expect(await opened.rawBlocks(0, { maxCount: 100, maxBytes: 1_000_000 })).toHaveLength(last + 1);
      expect(await opened.stateAt(last)).toBeUndefined();
      expect(await opened.bodyBytes()).toBeGreaterThan(last * 1_000);
      expect(await opened.bodyBytes()).toBeLessThan(last * 2_000);
    }
    const opened = await reopen();
    await opened.putStates([{ number: 0, state: storedState(0) }]);
    await opened.append([aStoredBlock(last + 1)]);
    expect(await opened.stateAt(last + 1)).toMatchObject({ number: 0 });
    await meddle((batch) => batch.put('meta', SCHEMA_KEY, Uint8Array.of(3)));
    await expect(reopen()).rejects.toMatchObject({ code: 'BLOCKCHAIN.STORE_FAILED' });
  });

  it('brings an empty store of schema 1 up to date', async () => {
    await reopen();
    await meddle((batch) => batch.put('meta', SCHEMA_KEY, Uint8Array.of(1)));
    const opened = await reopen();
    await opened.append(storedBlocks(0, 1, { statesEvery: 1 }));
    expect(await (await reopen()).stateAt(1)).toMatchObject({ number: 1 });
  });

  it('says why a folder cannot be used', async () => {
    const file = join(root, 'a-file');
    await writeFile(file, '');
    await expect(openLmdbBlockStore({ path: join(file, 'blocks'), log })).rejects.toMatchObject({
      code: 'BLOCKCHAIN.STORE_FAILED',
      detail: { reason: expect.stringContaining('ENOTDIR') },
    });
  });
});
