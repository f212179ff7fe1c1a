import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { testPeerId } from '../../../../test/support/peer-ids.js';
import { SilentLogger } from '../../../common/logger.port.js';
import { InMemoryPeerStore } from '../adapters/memory/in-memory-peer-store.js';
import { BanList } from './ban-list.js';

const [ada, bob] = [testPeerId(1), testPeerId(2)];
const operator = { reason: 'a liar', by: 'operator' };
const SOMEWHERE = '/ip4/198.51.100.1/tcp/1';

function aBanList(store = new InMemoryPeerStore(), clock = new ManualClock()) {
  const counts: number[] = [];
  const bans = new BanList(store, clock, new SilentLogger(), { bans: (count) => counts.push(count) });
  return { store, clock, bans, counts };
}

/** `n` addresses, a ban each. */
const addresses = (n: number) => Array.from({ length: n }, (_, i) => `10.0.${i >> 8}.${i & 255}`);

describe(BanList.name, () => {
  it.each([
    { target: '192.0.2.7', remote: '/ip4/192.0.2.7/tcp/1', isRefused: true },
    { target: '192.0.2.7', remote: '/ip4/192.0.2.8/tcp/1', isRefused: false },
    { target: '192.0.2.7', remote: '/ip6/::ffff:192.0.2.7/tcp/1', isRefused: true },
    { target: '::ffff:192.0.2.7', remote: '/ip4/192.0.2.7/tcp/1', isRefused: true },
    { target: '192.0.2.99/24', remote: '/ip4/192.0.2.1/tcp/1', isRefused: true },
    { target: '192.0.2.0/25', remote: '/ip4/192.0.2.128/tcp/1', isRefused: false },
    { target: '0.0.0.0/0', remote: '/ip4/203.0.113.1/tcp/1', isRefused: true },
    { target: '0.0.0.0/0', remote: '/ip6/2001:db8::1/tcp/1', isRefused: false },
    { target: '2001:db8::/33', remote: '/ip6/2001:db8:7fff::1/tcp/1', isRefused: true },
    { target: '2001:db8::/33', remote: '/ip6/2001:db8:8000::1/tcp/1', isRefused: false },
    { target: '192.0.2.7', remote: '/dns4/node.example.org/tcp/1', isRefused: false },
  ])('$target: refuses $remote: $isRefused', async ({ target, remote, isRefused }) => {
    const { bans } = aBanList();
    await bans.ban(target, operator);
    expect(bans.isRefused(remote, undefined)).toBe(isRefused);
    expect(bans.isRefused(remote, ada)).toBe(isRefused);
  });

  it('refuses a banned peer from anywhere, once it is known to be that peer', async () => {
    const { bans } = aBanList();
    const ban = await bans.ban(ada, operator);
    expect(bans.banOf(ada)).toEqual(ban);
    expect(bans.isRefused(SOMEWHERE, ada)).toBe(true);
    expect([bans.isRefused(SOMEWHERE, undefined), bans.isRefused(SOMEWHERE, bob)]).toEqual([false, false]);
  });

  it('lets in again when the time is over, and forgets the ban within a minute', async () => {
    const { bans, clock, store, counts } = aBanList();
    const stop = new AbortController();
    bans.start(stop.signal);
    await bans.ban(ada, { ...operator, ttlMs: 1_000 });
    await bans.ban('192.0.2.0/24', { ...operator, ttlMs: 1_000 });
    await bans.ban(bob, operator);
    clock.advance(999);
    expect(bans.list()).toHaveLength(3);
    clock.advance(1);
    expect(bans.banOf(ada)).toBeUndefined();
    expect(bans.isRefused('/ip4/192.0.2.1/tcp/1', ada)).toBe(false);
    expect(bans.list().map(({ target }) => target)).toEqual([{ kind: 'peer', peerId: bob }]);
    await clock.advanceAsync(60_000);
    expect((await store.read()).bans).toHaveLength(1);
    expect(counts.at(-1)).toBe(1);
    await store.close();
    await clock.advanceAsync(60_000);
    stop.abort();
    await clock.advanceAsync(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('outlives a store that fails while bans run out', async () => {
    const { bans, clock, store } = aBanList();
    const stop = new AbortController();
    bans.start(stop.signal);
    await bans.ban(ada, { ...operator, ttlMs: 1 });
    await store.close();
    await clock.advanceAsync(60_000);
    expect(bans.list()).toEqual([]);
    stop.abort();
  });

  it('replaces a ban of the same target, however it is spelled', async () => {
    const { bans } = aBanList();
    await bans.ban('192.0.2.1/24', operator);
    await bans.ban('::ffff:192.0.2.9/120', { ...operator, reason: 'once more' });
    expect(bans.list().map(({ reason }) => reason)).toEqual(['once more']);
    expect(await bans.unban('192.0.2.0/24')).toEqual({ kind: 'network', cidr: '192.0.2.0/24' });
    expect(bans.isRefused('/ip4/192.0.2.1/tcp/1', undefined)).toBe(false);
  });

  it('lifts what is asked for and nothing else', async () => {
    const { bans, store, clock } = aBanList();
    await bans.ban('192.0.2.0/24', operator);
    await bans.ban('198.51.100.0/24', operator);
    expect(await bans.unban('192.0.2.0/24')).toBeDefined();
    expect(bans.isRefused(SOMEWHERE, undefined)).toBe(true);
    expect(await bans.unban('192.0.2.0/24')).toBeUndefined();
    expect(await bans.unban('198.51.100.1')).toBeUndefined();
    expect((await store.read()).bans).toHaveLength(1);
    await bans.ban(ada, { ...operator, ttlMs: 1 });
    clock.advance(1);
    expect(await bans.unban(ada)).toBeUndefined();
  });

  it('remembers bans, and their time goes on while nobody runs', async () => {
    const { store, clock, bans } = aBanList();
    await bans.ban('192.0.2.0/24', operator);
    await bans.ban(ada, { ...operator, ttlMs: 5_000 });
    const next = aBanList(store, clock);
    await next.bans.load();
    expect(next.bans.list()).toEqual(bans.list());
    expect(next.bans.isRefused('/ip4/192.0.2.1/tcp/1', undefined)).toBe(true);
    clock.advance(5_000);
    expect(next.bans.banOf(ada)).toBeUndefined();
    expect(next.counts).toEqual([2]);
  });

  it.each(['nobody', '192.0.2.0/33', ''])('refuses the target %j', async (target) => {
    const { bans } = aBanList();
    const isBad = { code: 'NETWORK.BAD_BAN_TARGET' };
    await expect(bans.ban(target, operator)).rejects.toMatchObject(isBad);
    await expect(bans.unban(target)).rejects.toMatchObject(isBad);
  });

  it.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %s ms to live', async (ttlMs) => {
    const { bans } = aBanList();
    const isBad = { code: 'NETWORK.BAD_BAN_TARGET' };
    await expect(bans.ban(ada, { ...operator, ttlMs })).rejects.toMatchObject(isBad);
    expect(bans.list()).toEqual([]);
  });

  it('holds at once, also when it cannot be stored', async () => {
    const { bans, store } = aBanList();
    await store.close();
    const banned = bans.ban(ada, operator);
    expect(bans.banOf(ada)).toBeDefined();
    await expect(banned).rejects.toMatchObject({ code: 'NETWORK.STORE_FAILED' });
    expect(bans.isRefused(SOMEWHERE, ada)).toBe(true);
  });

  it('holds 10,000: those for a low score give way, those of operators never', async () => {
    const { bans, store } = aBanList();
    await bans.ban('203.0.113.1', operator);
    await bans.ban(ada, { reason: 'NETWORK.BAD_MESSAGE', by: 'score' });
    for (const address of addresses(9_998)) await bans.ban(address, operator);
    await bans.ban(bob, operator);
    expect(bans.banOf(ada)).toBeUndefined();
    expect(bans.list()).toHaveLength(10_000);
    expect((await store.read()).bans).toHaveLength(10_000);
    const isFull = { code: 'NETWORK.LIMIT_REACHED' };
    await expect(bans.ban('203.0.113.2', operator)).rejects.toMatchObject(isFull);
    // The same target again needs no room.
    await bans.ban('203.0.113.1', operator);
    expect(bans.list()).toHaveLength(10_000);
  });
});
