import { describe, expect, it } from '@jest/globals';
import { testPeerId } from '../../../../test/support/peer-ids.js';
import { SilentLogger } from '../../../common/logger.port.js';
import { InMemoryPeerStore } from '../adapters/memory/in-memory-peer-store.js';
import type { PeerId } from '../ports/types.js';
import { PinnedPeers } from './pinned-peers.js';

const [ada, bob] = [testPeerId(1), testPeerId(2)];
const home = '/ip4/192.0.2.1/tcp/1';
const away = '/ip4/192.0.2.2/tcp/2';

function pinnedPeers(
  store = new InMemoryPeerStore(),
  config: { staticPeers?: string[]; trustedPeers?: string[] } = {},
) {
  const pinned = new PinnedPeers(store, new SilentLogger(), { staticPeers: [], trustedPeers: [], ...config });
  let changes = 0;
  pinned.changed$.subscribe(() => changes++);
  return { store, pinned, changes: () => changes };
}

describe(PinnedPeers.name, () => {
  it('knows those of configuration', () => {
    const { pinned } = pinnedPeers(undefined, { staticPeers: [`${home}/p2p/${ada}`], trustedPeers: [bob] });
    expect([pinned.isStatic(ada), pinned.isTrusted(ada), pinned.isPinned(ada)]).toEqual([true, false, true]);
    expect([pinned.isStatic(bob), pinned.isTrusted(bob), pinned.isPinned(bob)]).toEqual([false, true, true]);
    expect(pinned.isPinned(testPeerId(3))).toBe(false);
    expect(pinned.statics()).toEqual([{ peerId: ada, transport: home }]);
  });

  it.each([
    { staticPeers: ['nowhere'] },
    { staticPeers: [home] },
    { staticPeers: [`/p2p/${ada}`] },
    { trustedPeers: ['nobody'] },
  ])('refuses %j', (config) => {
    const isInvalid = expect.objectContaining({ code: 'NETWORK.SETUP_INVALID' });
    expect(() => pinnedPeers(undefined, config)).toThrow(isInvalid);
  });

  it('remembers what is decided', async () => {
    const { store, pinned, changes } = pinnedPeers();
    await pinned.setTrusted(ada, true);
    await pinned.setStatic({ peerId: ada, transport: home }, true);
    await pinned.setStatic({ peerId: bob, transport: home }, true);
    await pinned.setStatic({ peerId: bob, transport: away }, true);
    expect(changes()).toBe(4);
    const next = pinnedPeers(store);
    await next.pinned.load();
    expect(next.changes()).toBe(1);
    expect(next.pinned.isTrusted(ada)).toBe(true);
    expect(next.pinned.statics()).toEqual([
      { peerId: ada, transport: home },
      { peerId: bob, transport: away },
    ]);
  });

  it('forgets what is taken back, one thing at a time', async () => {
    const { store, pinned } = pinnedPeers();
    await pinned.setTrusted(ada, true);
    await pinned.setStatic({ peerId: ada, transport: home }, true);
    await pinned.setTrusted(ada, false);
    expect([pinned.isTrusted(ada), pinned.isStatic(ada)]).toEqual([false, true]);
    await pinned.setStatic({ peerId: ada, transport: away }, false);
    expect(pinned.isPinned(ada)).toBe(false);
    expect((await store.read()).pinned).toEqual([]);
  });

  it('can take back what configuration says, until the next start', async () => {
    const config = { staticPeers: [`${home}/p2p/${ada}`], trustedPeers: [ada] };
    const { store, pinned } = pinnedPeers(undefined, config);
    await pinned.setTrusted(ada, false);
    await pinned.setStatic({ peerId: ada, transport: home }, false);
    expect(pinned.isPinned(ada)).toBe(false);
    const next = pinnedPeers(store, config);
    await next.pinned.load();
    expect([next.pinned.isTrusted(ada), next.pinned.isStatic(ada)]).toEqual([true, true]);
  });

  it('stores nothing that only configuration says', async () => {
    const { store, pinned } = pinnedPeers(undefined, { trustedPeers: [ada] });
    await pinned.setStatic({ peerId: ada, transport: home }, true);
    const next = pinnedPeers(store);
    await next.pinned.load();
    expect([next.pinned.isTrusted(ada), next.pinned.isStatic(ada)]).toEqual([false, true]);
  });

  it('follows a decision about where a peer is now, and configuration at the next start', async () => {
    const config = { staticPeers: [`${home}/p2p/${ada}`] };
    const { store, pinned } = pinnedPeers(undefined, config);
    await pinned.setStatic({ peerId: ada, transport: away }, true);
    expect(pinned.statics()).toEqual([{ peerId: ada, transport: away }]);
    const next = pinnedPeers(store, config);
    await next.pinned.load();
    expect(next.pinned.statics()).toEqual([{ peerId: ada, transport: home }]);
  });

  it('holds at once, also when it cannot be stored', async () => {
    const { store, pinned } = pinnedPeers();
    await store.close();
    const set = pinned.setTrusted(ada, true);
    expect(pinned.isTrusted(ada)).toBe(true);
    await expect(set).rejects.toMatchObject({ code: 'NETWORK.STORE_FAILED' });
    expect(pinned.isTrusted(ada)).toBe(true);
  });

  it('takes 1,024 decisions', async () => {
    const { pinned } = pinnedPeers(undefined, { trustedPeers: [bob] });
    for (let n = 0; n < 1_024; n++) await pinned.setTrusted(`peer ${n}` as PeerId, true);
    const isFull = { code: 'NETWORK.LIMIT_REACHED' };
    await expect(pinned.setTrusted(ada, true)).rejects.toMatchObject(isFull);
    expect(pinned.isPinned(ada)).toBe(false);
    // To take something back there is always room.
    await pinned.setTrusted(bob, false);
    expect(pinned.isPinned(bob)).toBe(false);
    await pinned.setTrusted('peer 0' as PeerId, false);
    await pinned.setTrusted(ada, true);
  });
});
