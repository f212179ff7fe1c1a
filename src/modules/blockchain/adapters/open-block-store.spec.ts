import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { storedBlocks } from '../../../../test/support/stored-blocks.js';
import { SilentLogger } from '../../../common/logger.port.js';
import { openBlockStore } from './open-block-store.js';

describe('openBlockStore', () => {
  let path: string;
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'edgekeeper-store-'));
  });
  afterEach(() => rm(path, { recursive: true }));

  it.each([
    { kind: 'lmdb', kept: 2 },
    { kind: 'level', kept: 2 },
    { kind: 'memory', kept: undefined },
  ] as const)('opens a store of kind $kind', async ({ kind, kept }) => {
    const options = { kind, path: join(path, 'blocks'), log: new SilentLogger() };
    const store = await openBlockStore(options);
    await store.append(storedBlocks(0, 2));
    await store.close();
    const again = await openBlockStore(options);
    expect((await again.head())?.number).toBe(kept);
    await again.close();
  });

  it('does not take the files of another kind for its own', async () => {
    const log = new SilentLogger();
    const store = await openBlockStore({ kind: 'lmdb', path, log });
    await store.append(storedBlocks(0, 2));
    await store.close();
    const other = await openBlockStore({ kind: 'level', path, log });
    expect(await other.head()).toBeUndefined();
    await other.close();
  });
});
