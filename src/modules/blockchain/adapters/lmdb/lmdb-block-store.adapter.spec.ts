import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  aStoredBlock,
  blockStoreContract,
  durableBlockStoreContract,
  storedBlocks,
  storedHash,
} from '../../../../../test/contract/block-store.contract.js';
import { SilentLogger } from '../../../../common/logger.port.js';
import type { BlockchainError } from '../../blockchain.errors.js';
import type { BlockStore } from '../../ports/block-store.port.js';
import { InMemoryBlockStore } from '../memory/in-memory-block-store.adapter.js';
import { openLmdbBlockStore } from './lmdb-block-store.adapter.js';
import { OWNER_KEY } from './ownership.js';
import { portableIdentity, processIdentity } from './process-identity.js';
import { openTables, type Tables } from './tables.js';

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
durableBlockStoreContract('LmdbBlockStore', () => {
  const path = newPath();
  return (log) => openLmdbBlockStore({ path, log });
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
  async function meddle(change: (tables: Tables) => void): Promise<void> {
    await (await reopen()).append(storedBlocks(0, 1));
    await store?.close();
    const tables = openTables(path);
    tables.meta.transactionSync(() => change(tables));
    await tables.close();
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
      await meddle(({ meta }) => meta.putSync(OWNER_KEY, Buffer.from(`${pid} ${processIdentity(pid)}`)));
      await expect(reopen()).rejects.toMatchObject(isLocked);
      other.kill('SIGKILL');
      await once(other, 'exit');
      expect((await (await reopen()).head())?.number).toBe(1);
    });

    it('takes over from a process whose ID another one has now', async () => {
      await meddle(({ meta }) => meta.putSync(OWNER_KEY, Buffer.from(`${process.pid} some-boot/12`)));
      expect((await (await reopen()).head())?.number).toBe(1);
    });

    it('tells processes apart, also where there is no /proc', () => {
      expect(processIdentity(process.pid)).toBe(processIdentity(process.pid));
      expect(processIdentity(process.pid)).not.toBe(processIdentity(process.ppid));
      expect(processIdentity(NO_PROCESS)).toBeUndefined();
      expect(portableIdentity(process.pid)).toBe('running');
      expect(portableIdentity(NO_PROCESS)).toBeUndefined();
    });
  });

  it('refuses the store of a newer version, clearly and again', async () => {
    await meddle(({ meta }) => meta.putSync(Buffer.from('schema'), Uint8Array.of(2)));
    const isRefused = {
      code: 'BLOCKCHAIN.STORE_FAILED',
      detail: { reason: expect.stringContaining('schema version is 2') },
    };
    await expect(reopen()).rejects.toMatchObject(isRefused);
    await expect(reopen()).rejects.toMatchObject(isRefused);
  });

  it('says why a folder cannot be used', async () => {
    const file = join(root, 'a-file');
    await writeFile(file, '');
    await expect(openLmdbBlockStore({ path: join(file, 'blocks'), log })).rejects.toMatchObject({
      code: 'BLOCKCHAIN.STORE_FAILED',
      detail: { reason: expect.stringContaining('ENOTDIR') },
    });
  });

  it('agrees with the store in memory on any sequence of appends and rewinds', async () => {
    const step = fc.oneof(
      fc.record({ append: fc.nat(6), fork: fc.nat(3), skip: fc.nat(8) }),
      fc.record({ rewindBy: fc.nat(8) }),
    );
    const sequences = fc.array(step, { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        const stores = [await openLmdbBlockStore({ path: newPath(), log }), new InMemoryBlockStore()];
        const [lmdb, memory] = await Promise.all(stores.map((each) => play(each, steps)));
        await Promise.all(stores.map((each) => each.close()));
        expect(lmdb).toEqual(memory);
      }),
      { numRuns: 25 },
    );
  });
});

type Step = { append: number; fork: number; skip: number } | { rewindBy: number };

/** Everything that a store says while the steps are carried out. */
async function play(store: BlockStore, steps: readonly Step[]): Promise<unknown[]> {
  const said: unknown[] = [];
  const hashes: Uint8Array[] = [];
  const detailOf = (error: BlockchainError) => error.detail;
  for (const step of steps) {
    const head = (await store.head())?.number ?? -1;
    if ('rewindBy' in step) {
      said.push(await store.rewind(head - step.rewindBy).catch(detailOf));
    } else {
      // Mostly what follows the head, now and then with a gap.
      const from = head + 1 + (step.skip === 8 ? 1 : 0);
      const [first, ...rest] = storedBlocks(from, from + step.append - 1, { fork: step.fork });
      const parentHash = (await store.hashByNumber(head)) ?? new Uint8Array(32);
      const batch = first ? [{ ...first, parentHash }, ...rest] : [];
      hashes.push(...batch.map(({ hash }) => hash));
      said.push(await store.append(batch).catch(detailOf));
    }
    said.push(await store.head());
    const raws = await store.rawBlocks(0, { maxCount: 100, maxBytes: 5_000 });
    said.push(raws.map((raw) => Buffer.from(raw).toString('hex')));
    for (const hash of hashes) said.push(await store.numberByHash(hash));
  }
  return said;
}
