import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aStoredBlock, storedBlocks, storedHash } from '../../../../../test/support/stored-blocks.js';
import { SilentLogger } from '../../../../common/logger.port.js';
import type { BlockStore } from '../../ports/block-store.port.js';
import { openLmdbBlockStore } from './lmdb-block-store.adapter.js';

const isCorrupt = { code: 'BLOCKCHAIN.STORE_CORRUPT' };

/** An answer is right or BLOCKCHAIN.STORE_CORRUPT, whatever happened to the file. */
describe('damage in the file of an LMDB block store', () => {
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

  /** A closed store with blocks 0 to `last`, to be changed behind its back. */
  async function closedStore(last: number): Promise<void> {
    const opened = await reopen();
    await opened.append(storedBlocks(0, last));
    await opened.close();
    store = undefined;
  }

  it.each([18, 24, 48, 50, 148, 153, 4_096 + 24, 4_096 + 48, 4_096 + 158])(
    'of byte %s of the file is refused before LMDB sees it',
    async (at) => {
      await closedStore(4);
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
      await closedStore(2_500);
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
    await closedStore(4);
    const file = join(path, 'data.mdb');
    await truncate(file, Math.floor((await stat(file)).size / 2) - 4_096);
    await expect(reopen()).rejects.toMatchObject(isCorrupt);
  });

  it('that cut a few pages off gives errors or right answers, and never ends the process', async () => {
    await closedStore(400);
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

  it('of the key of a hash, which leaves it in order, is told where that hash is asked for', async () => {
    await closedStore(40);
    const file = join(path, 'data.mdb');
    const content = await readFile(file);
    const key = Buffer.from(storedHash(20));
    for (let at = content.indexOf(key); at >= 0; at = content.indexOf(key, at + 1)) {
      content.writeUInt8(content.readUInt8(at + 31) ^ 1, at + 31);
    }
    await writeFile(file, content);
    const opened = await reopen();
    await expect(opened.numberByHash(storedHash(20))).rejects.toMatchObject(isCorrupt);
    // It may be any that is not found.
    await expect(opened.numberByHash(storedHash(900))).rejects.toMatchObject(isCorrupt);
    expect(await opened.numberByHash(storedHash(21))).toBe(21);
    await opened.append([aStoredBlock(41)]);
    expect(await opened.numberByHash(storedHash(41))).toBe(41);
  });

  it('that left another kind of file is refused', async () => {
    await writeFile(join(path, 'data.mdb'), 'x'.repeat(100));
    await expect(reopen()).rejects.toMatchObject(isCorrupt);
  });
});
