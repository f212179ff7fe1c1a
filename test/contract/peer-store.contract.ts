import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type {
  AuditEntry,
  Ban,
  PeerRecord,
  PeerStore,
  PeerStoreChanges,
  PinnedPeer,
} from '../../src/modules/network/ports/peer-store.port.js';
import { testPeerId } from '../support/peer-ids.js';

const [ada, bob] = [testPeerId(1), testPeerId(2)];
const NOTHING = { peers: [], bans: [], pinned: [], audit: [], damaged: 0 };

/** A record with a value in every field. */
export function aPeerRecord(n: number, changes: Partial<PeerRecord> = {}): PeerRecord {
  return {
    peerId: testPeerId(n),
    addresses: [
      { transport: `/ip4/192.0.2.${n}/tcp/1478`, reachedAtMs: 1_700_000_000_000, failures: 0 },
      { transport: '/dns4/node.example.org/tcp/1478', failures: 3 },
    ],
    seenAtMs: 1_700_000_000_500,
    score: -12.5,
    scoredAtMs: 1_700_000_000_900,
    reasons: [{ atMs: 1_700_000_000_900, code: 'NETWORK.BAD_MESSAGE', points: 12.5 }],
    quarantinedUntilMs: 1_700_000_100_000,
    ...changes,
  };
}

export function aPeerBan(changes: Partial<Ban> = {}): Ban {
  const target = { kind: 'peer', peerId: ada } as const;
  return { target, sinceMs: 1_000, untilMs: 61_000, reason: 'a liar', by: 'operator', ...changes };
}

const networkBan: Ban = {
  target: { kind: 'network', cidr: '2001:db8::/32' },
  sinceMs: 2_000,
  reason: 'sybils',
  by: 'operator',
};
const pinned: PinnedPeer = { peerId: ada, isTrusted: true, staticTransport: '/ip4/192.0.2.1/tcp/1' };

export function anAct(n: number): AuditEntry {
  return { atMs: n, action: 'ban', target: ada, by: 'operator', reason: `act ${n}` };
}

/** What every PeerStore does; `open` gives a new and empty one. */
export function peerStoreContract(name: string, open: () => Promise<PeerStore>): void {
  describe(`${name} as a PeerStore`, () => {
    let store: PeerStore;

    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    it('is empty at first', async () => expect(await store.read()).toEqual(NOTHING));

    it('gives back what was written', async () => {
      const written = {
        peers: [aPeerRecord(1), aPeerRecord(2)],
        bans: [aPeerBan(), networkBan],
        pinned: [pinned, { peerId: bob, isTrusted: true }],
        audit: [anAct(1), anAct(2)],
      };
      await store.write(written);
      const { peers, bans, ...stored } = await store.read();
      expect(byText(peers)).toEqual(byText(written.peers));
      expect(byText(bans)).toEqual(byText(written.bans));
      expect(byText(stored.pinned)).toEqual(byText(written.pinned));
      expect(stored).toMatchObject({ audit: written.audit, damaged: 0 });
    });

    it('keeps a record of which next to nothing is known', async () => {
      const record: PeerRecord = { peerId: bob, addresses: [], score: 0, scoredAtMs: 0, reasons: [] };
      await store.write({ peers: [record] });
      expect((await store.read()).peers).toEqual([record]);
    });

    it('replaces by peer and by target', async () => {
      await store.write({ peers: [aPeerRecord(1)], bans: [aPeerBan(), networkBan], pinned: [pinned] });
      const [record, ban] = [aPeerRecord(1, { score: 0, reasons: [] }), aPeerBan({ reason: 'once more' })];
      await store.write({ peers: [record], bans: [ban], pinned: [{ peerId: ada, isTrusted: true }] });
      const stored = await store.read();
      expect(stored.peers).toEqual([record]);
      expect(byText(stored.bans)).toEqual(byText([ban, networkBan]));
      expect(stored.pinned).toEqual([{ peerId: ada, isTrusted: true }]);
    });

    it.each<{ name: string; change: PeerStoreChanges; left: object }>([
      { name: 'a peer', change: { forgottenPeers: [ada] }, left: { peers: [aPeerRecord(2)] } },
      {
        name: 'the ban of a peer',
        change: { liftedBans: [aPeerBan().target] },
        left: { bans: [networkBan] },
      },
      {
        name: 'the ban of a network',
        change: { liftedBans: [networkBan.target] },
        left: { bans: [aPeerBan()] },
      },
      { name: 'a pinned peer', change: { unpinned: [ada] }, left: { pinned: [] } },
      { name: 'a peer that is not there', change: { forgottenPeers: [testPeerId(9)] }, left: {} },
    ])('forgets $name and nothing else', async ({ change, left }) => {
      const peers = [aPeerRecord(1), aPeerRecord(2)];
      await store.write({ peers, bans: [networkBan, aPeerBan()], pinned: [pinned], audit: [anAct(1)] });
      const before = await store.read();
      await store.write(change);
      expect(await store.read()).toEqual({ ...before, ...left });
    });

    it('keeps what one write names both as gone and as there', async () => {
      const change: PeerStoreChanges = {
        forgottenPeers: [ada],
        peers: [aPeerRecord(1)],
        liftedBans: [networkBan.target],
        bans: [networkBan],
        unpinned: [ada],
        pinned: [pinned],
      };
      await store.write(change);
      await store.write(change);
      const { peers, bans, pinned: left } = await store.read();
      expect([peers.length, bans.length, left.length]).toEqual([1, 1, 1]);
    });

    it('appends to the audit and keeps the last 1,000, in order', async () => {
      const acts = Array.from({ length: 1_300 }, (_, n) => anAct(n));
      await store.write({ audit: acts.slice(0, 700) });
      await store.write({ audit: acts.slice(700, 1_299) });
      await store.write({ audit: acts.slice(1_299) });
      expect((await store.read()).audit).toEqual(acts.slice(300));
      await store.write({ audit: acts });
      expect((await store.read()).audit).toEqual(acts.slice(300));
    });

    it('carries out writes in the order they were asked for', async () => {
      const writes = [3, 2, 1, 0].map((failures) => {
        const addresses = [{ transport: '/ip4/192.0.2.1/tcp/1', failures }];
        return store.write({ peers: [aPeerRecord(1, { addresses })], audit: [anAct(failures)] });
      });
      const during = store.read();
      await Promise.all(writes);
      const { peers, audit } = await store.read();
      expect(peers[0]?.addresses[0]?.failures).toBe(0);
      expect(audit.map(({ atMs }) => atMs)).toEqual([3, 2, 1, 0]);
      expect((await during).audit).toHaveLength(4);
    });

    it('gives out and takes in what nobody else holds', async () => {
      const record = aPeerRecord(1);
      await store.write({ peers: [record], audit: [anAct(1)] });
      (record.addresses as unknown[]).length = 0;
      ((await store.read()).audit as unknown[]).length = 0;
      const stored = await store.read();
      expect(stored.peers).toEqual([aPeerRecord(1)]);
      expect(stored.audit).toHaveLength(1);
    });

    it('closes twice, and does nothing then', async () => {
      await Promise.all([store.close(), store.close()]);
      const failed = { code: 'NETWORK.STORE_FAILED' };
      await expect(store.read()).rejects.toMatchObject(failed);
      await expect(store.write({})).rejects.toMatchObject(failed);
      await store.close();
    });

    it('finishes what was asked for before it closes', async () => {
      const written = store.write({ peers: [aPeerRecord(1)] });
      await store.close();
      await expect(written).resolves.toBeUndefined();
    });
  });
}

/** What a PeerStore does that outlives its process; `newStore` gives a way to open one new store again and again. */
export function durablePeerStoreContract(name: string, newStore: () => () => Promise<PeerStore>): void {
  describe(`${name} as a durable PeerStore`, () => {
    it('remembers everything from one opening to the next, and goes on', async () => {
      const reopen = newStore();
      const first = await reopen();
      const acts = Array.from({ length: 1_000 }, (_, n) => anAct(n));
      await first.write({ peers: [aPeerRecord(1)], bans: [networkBan], pinned: [pinned], audit: acts });
      const before = await first.read();
      await first.close();

      const second = await reopen();
      expect(await second.read()).toEqual(before);
      await second.write({ forgottenPeers: [ada], liftedBans: [networkBan.target], audit: [anAct(1_000)] });
      await second.close();

      const third = await reopen();
      const left = {
        peers: [],
        bans: [],
        pinned: [pinned],
        audit: [...acts.slice(1), anAct(1_000)],
        damaged: 0,
      };
      expect(await third.read()).toEqual(left);
      await third.close();
    });
  });
}

/** Stores give records in an order of their own. */
function byText<T>(records: readonly T[]): T[] {
  return [...records].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
