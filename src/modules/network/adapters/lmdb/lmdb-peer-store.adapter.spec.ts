import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  anAct,
  aPeerBan,
  aPeerRecord,
  durablePeerStoreContract,
  peerStoreContract,
} from '../../../../../test/contract/peer-store.contract.js';
import { testPeerId } from '../../../../../test/support/peer-ids.js';
import { RecordingLogger } from '../../../../../test/support/recording-logger.js';
import { LmdbFileFault } from '../../../../common/lmdb-file.js';
import { processIdentity } from '../../../../common/process-identity.js';
import type { PeerStore, PeerStoreChanges } from '../../ports/peer-store.port.js';
import type { PeerId } from '../../ports/types.js';
import { breakSeal } from './file-seal.js';
import { openLmdbPeerStore } from './lmdb-peer-store.adapter.js';
import { openPeerTables, type PeerTables, type Table } from './peer-tables.js';

const isFailed = { code: 'NETWORK.STORE_FAILED' };
let root: string;
let folders = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'edgekeeper-peers-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const newPath = () => join(root, `${++folders}`, 'peers');
const log = new RecordingLogger();

peerStoreContract('LmdbPeerStore', () => openLmdbPeerStore({ path: newPath(), log }));
durablePeerStoreContract('LmdbPeerStore', () => {
  const path = newPath();
  return () => openLmdbPeerStore({ path, log });
});

describe('LmdbPeerStore', () => {
  let path: string;
  const all = {
    peers: [aPeerRecord(1), aPeerRecord(2)],
    bans: [aPeerBan()],
    pinned: [{ peerId: testPeerId(1), isTrusted: true }],
    audit: [anAct(1)],
  } satisfies PeerStoreChanges;
  const [ada, bob] = [Buffer.from(testPeerId(1)), Buffer.from(testPeerId(2))];

  beforeEach(() => {
    path = newPath();
    log.lines.length = 0;
  });

  async function withStore<T>(use: (store: PeerStore) => Promise<T>): Promise<T> {
    const store = await openLmdbPeerStore({ path, log });
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  }

  /** A closed store with `all` in it, changed behind its back. */
  async function damaged(damage: (tables: PeerTables) => void): Promise<void> {
    await withStore((store) => store.write(all));
    const tables = openPeerTables(path);
    tables.meta.transactionSync(() => damage(tables));
    await tables.close();
  }

  const flip = (table: Table, key: Uint8Array, at: number) => {
    const value = table.getBinary(key);
    if (value === undefined) throw new Error('nothing to damage');
    value[at] = (value[at] ?? 0) ^ 0x10;
    table.putSync(key, value);
  };

  it.each([0, 3, 4, 20, 120])('leaves a record out whose byte %s is damaged, and counts it', async (at) => {
    await damaged(({ peers }) => flip(peers, ada, at));
    const { peers, damaged: count } = await withStore((store) => store.read());
    expect({ peers, count }).toEqual({ peers: [aPeerRecord(2)], count: 1 });
  });

  it.each<{ name: string; damage: (tables: PeerTables) => void }>([
    { name: 'cut off', damage: ({ peers }) => peers.putSync(ada, Buffer.alloc(3)) },
    { name: 'far too long', damage: ({ peers }) => peers.putSync(ada, Buffer.alloc(100_000)) },
    {
      name: 'of another peer',
      damage: ({ peers }) => peers.putSync(ada, peers.getBinary(bob) ?? Buffer.of()),
    },
    {
      name: 'of another table',
      damage: ({ peers, pinned }) => peers.putSync(ada, pinned.getBinary(ada) ?? Buffer.of()),
    },
  ])('leaves a record out that is $name', async ({ damage }) => {
    await damaged(damage);
    expect(await withStore((store) => store.read())).toMatchObject({ peers: [aPeerRecord(2)], damaged: 1 });
  });

  it('counts the damage of all tables, and takes what is written anew', async () => {
    await damaged(({ peers, bans, pinned, audit }) => {
      for (const table of [peers, bans, pinned, audit]) {
        for (const key of [...table.getKeys()]) flip(table, key, 5);
      }
    });
    await withStore(async (store) => {
      expect(await store.read()).toEqual({ peers: [], bans: [], pinned: [], audit: [], damaged: 5 });
      await store.write(all);
      expect(await store.read()).toMatchObject({ ...all, damaged: 1 });
    });
  });

  it.each<{ name: string; changes: PeerStoreChanges }>([
    { name: 'a score above 0', changes: { peers: [aPeerRecord(1), aPeerRecord(2, { score: 1 })] } },
    { name: 'a time that is none', changes: { peers: [aPeerRecord(1, { seenAtMs: Number.NaN })] } },
    {
      name: 'too many addresses',
      changes: {
        peers: [aPeerRecord(1, { addresses: Array(9).fill({ transport: '/memory/1', failures: 0 }) })],
      },
    },
    {
      name: 'a network with bits of hosts',
      changes: { bans: [aPeerBan({ target: { kind: 'network', cidr: '192.0.2.1/24' } })] },
    },
    {
      name: 'a peer as a network',
      changes: { bans: [aPeerBan({ target: { kind: 'network', cidr: testPeerId(1) } })] },
    },
    {
      name: 'a peer ID that can be none',
      changes: { peers: [{ ...aPeerRecord(1), peerId: '0OIl' as PeerId }] },
    },
    {
      name: 'a network that is no text',
      changes: { bans: [aPeerBan({ target: { kind: 'network', cidr: 7 as unknown as string } })] },
    },
    { name: 'a long reason', changes: { audit: [{ ...anAct(1), reason: 'x'.repeat(257) }] } },
  ])('writes nothing of a change with $name', async ({ changes }) => {
    await withStore(async (store) => {
      await expect(store.write({ pinned: all.pinned, ...changes })).rejects.toMatchObject(isFailed);
      expect(await store.read()).toEqual({ peers: [], bans: [], pinned: [], audit: [], damaged: 0 });
    });
  });

  it('refuses the store of another version', async () => {
    await damaged(({ meta }) => meta.putSync(Buffer.from('schema'), Uint8Array.of(2)));
    await expect(openLmdbPeerStore({ path, log })).rejects.toMatchObject(isFailed);
    await expect(openLmdbPeerStore({ path, log })).rejects.toMatchObject(isFailed);
  });

  it('says why a folder cannot be used', async () => {
    const file = join(root, 'a-file');
    await writeFile(file, '');
    await expect(openLmdbPeerStore({ path: join(file, 'peers'), log })).rejects.toMatchObject({
      ...isFailed,
      detail: { reason: expect.stringContaining('ENOTDIR') },
    });
  });

  describe('a damaged file', () => {
    const nothing = { peers: [], bans: [], pinned: [], audit: [], damaged: 0 };

    async function flipByte(file: string, at: number): Promise<void> {
      const content = await readFile(file);
      content[at] = (content[at] ?? 0) ^ 0x10;
      await writeFile(file, content);
    }

    it.each<{ name: string; damage: (file: string) => Promise<void>; sealed?: boolean }>([
      { name: 'cut short', damage: (file) => truncate(file, 9_000) },
      { name: 'cut short, after a kill', damage: (file) => truncate(file, 9_000), sealed: false },
      { name: 'of another kind', damage: (file) => writeFile(file, 'x'.repeat(9_000)) },
      { name: 'of another kind, after a kill', damage: (file) => writeFile(file, 'x'), sealed: false },
      // Offsets in a page's header and among its offsets, each of which ended the process.
      ...[12, 20, 24, 25, 27, 28].map((at) => ({
        name: `damaged in byte ${at} of each page`,
        damage: async (file: string) => {
          const { size } = await stat(file);
          for (let page = 8_192; page < size; page += 4_096) await flipByte(file, page + at);
        },
      })),
    ])('that is $name is set aside, and a new one begins', async ({ damage, sealed = true }) => {
      await damaged(() => {});
      await damage(join(path, 'data.mdb'));
      if (!sealed) await rm(join(path, 'data.mdb.crc32'));
      await withStore(async (store) => {
        expect(await store.read()).toEqual(nothing);
        await store.write(all);
      });
      expect(log.messages('warn')).toHaveLength(1);
      expect(await readdir(path)).toContain('data.mdb.damaged');
      expect(await withStore((store) => store.read())).toMatchObject(all);
    });

    it('is noticed at any byte', async () => {
      await damaged(() => {});
      const file = join(path, 'data.mdb');
      const [sound, seal] = [await readFile(file), await readFile(`${file}.crc32`)];
      for (let at = 0; at < sound.length; at += 997) {
        await writeFile(file, sound);
        await writeFile(`${file}.crc32`, seal);
        await flipByte(file, at);
        await expect(breakSeal(path)).rejects.toThrow(LmdbFileFault);
      }
    });

    it('without a seal is read: after a kill there is none', async () => {
      await damaged(() => {});
      await rm(join(path, 'data.mdb.crc32'));
      expect(await withStore((store) => store.read())).toMatchObject(all);
      expect(log.lines).toEqual([]);
    });
  });

  it('has no seal while it is open, so that a kill condemns nothing', async () => {
    await withStore((store) => store.write(all));
    expect(await readdir(path)).toContain('data.mdb.crc32');
    await withStore(async (store) => {
      expect(await readdir(path)).not.toContain('data.mdb.crc32');
      await store.write({ audit: [anAct(2)] });
    });
    expect((await withStore((store) => store.read())).audit).toHaveLength(2);
  });

  describe('one process at a time', () => {
    const isLocked = { code: 'NETWORK.STORE_LOCKED', detail: { path: expect.any(String) } };
    const aChild = () => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });

    async function filesOf(folder: string): Promise<Record<string, string>> {
      const names = (await readdir(folder)).sort();
      const contents = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')));
      return Object.fromEntries(names.map((name, at) => [name, contents[at] ?? '']));
    }

    it('refuses a second opening that touches nothing, and what the first writes then outlives a kill', async () => {
      await withStore(async (store) => {
        await store.write({ bans: all.bans });
        const before = await filesOf(path);
        await expect(openLmdbPeerStore({ path, log })).rejects.toMatchObject(isLocked);
        await expect(openLmdbPeerStore({ path, log })).rejects.toMatchObject(isLocked);
        expect(await filesOf(path)).toEqual(before);
        await store.write({ pinned: all.pinned });
        const killed = `${path}-killed`;
        await cp(path, killed, { recursive: true });
        await writeFile(join(killed, `owner.${process.pid}`), `${process.pid} some-boot/12`);
        path = killed;
        expect(await withStore((left) => left.read())).toMatchObject({ bans: all.bans, pinned: all.pinned });
      });
      expect(log.lines).toEqual([]);
    });

    it('lets one of two openings at once have it', async () => {
      const openings = [openLmdbPeerStore({ path, log }), openLmdbPeerStore({ path, log })];
      const [first, second] = await Promise.allSettled(openings);
      expect(second).toMatchObject({ status: 'rejected', reason: isLocked });
      if (first?.status !== 'fulfilled') throw new Error('neither has it');
      await first.value.close();
      await withStore((store) => store.write(all));
    });

    it('refuses while the process of a claim runs, and takes over once it is dead', async () => {
      await withStore((store) => store.write(all));
      const child = aChild();
      const { pid = 0 } = child;
      await writeFile(join(path, `owner.${pid}`), `${pid} ${processIdentity(pid)}`);
      await expect(openLmdbPeerStore({ path, log })).rejects.toMatchObject(isLocked);
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(await withStore((store) => store.read())).toMatchObject(all);
      expect((await readdir(path)).filter((name) => name.startsWith('owner'))).toEqual([]);
    });

    it('gives it back when it cannot be opened', async () => {
      await damaged(({ meta }) => meta.putSync(Buffer.from('schema'), Uint8Array.of(2)));
      await expect(openLmdbPeerStore({ path, log })).rejects.toMatchObject(isFailed);
      expect((await readdir(path)).filter((name) => name.startsWith('owner'))).toEqual([]);
    });
  });

  it('says so when it cannot be sealed', async () => {
    const store = await openLmdbPeerStore({ path, log });
    await rm(path, { recursive: true });
    await expect(store.close()).rejects.toMatchObject(isFailed);
    await expect(store.close()).rejects.toMatchObject(isFailed);
  });
});
