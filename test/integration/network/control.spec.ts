import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { ManualClock } from '../../support/manual-clock.js';
import { NetworkNodes } from '../../support/network-nodes.js';
import { testPeerId } from '../../support/peer-ids.js';

const byTest = { by: 'test', reason: 'a test' };

describe('control over peers', () => {
  const nodes = new NetworkNodes();
  afterEach(() => nodes.stop());

  it.each([
    { name: 'its ID', target: String(testPeerId(2)) },
    { name: 'its address', target: '127.0.0.1' },
    { name: 'its network', target: '127.0.0.0/8' },
  ])('a ban of $name closes the connection and refuses both ways, until it is lifted', async ({ target }) => {
    const [node, peer] = [await nodes.start({ key: 1 }), await nodes.start({ key: 2 })];
    await node.add(peer.address);
    await node.control.ban(target, byTest);
    await Promise.all([node.lacks(peer), peer.lacks(node)]);
    const { cause } = await node.event('peer:disconnected');
    expect(cause.code).toBe('NETWORK.BANNED');
    expect(await node.add(peer.address)).toMatchObject({ at: 'queue', error: { code: 'NETWORK.BANNED' } });
    expect(await peer.add(node.address)).toMatchObject({ stage: 'failed' });
    expect(node.table()).toEqual([]);
    expect(await node.control.unban(target, byTest)).toBe(true);
    expect(await node.add(peer.address)).toEqual({ stage: 'connected' });
    expect(node.control.audit().map(({ action, by }) => [action, by])).toEqual([
      ['ban', 'test'],
      ['unban', 'test'],
    ]);
  });

  it('a ban survives a restart and ends with its time', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'edgekeeper-network-'));
    nodes.after(() => rm(dataDir, { recursive: true }));
    const clock = new ManualClock();
    const peer = await nodes.start({ key: 2 });
    const first = await nodes.start({ key: 1, dataDir, clock });
    await first.control.ban(peer.peerId, { ...byTest, ttlMs: 60_000 });
    await first.stop();
    const second = await nodes.start({ key: 1, dataDir, clock });
    expect(second.control.bans()).toMatchObject([{ target: { peerId: peer.peerId }, by: 'test' }]);
    expect(second.control.audit()).toHaveLength(1);
    expect(await second.add(peer.address)).toMatchObject({ error: { code: 'NETWORK.BANNED' } });
    clock.advance(60_000);
    expect(second.control.bans()).toEqual([]);
    expect(await second.add(peer.address)).toEqual({ stage: 'connected' });
  });

  it('a peer that is reported again and again is disconnected, then banned; a trusted one is not', async () => {
    const node = await nodes.start({ key: 1, config: { trustedPeers: [testPeerId(3)] } });
    const [bad, friend] = [await nodes.start({ key: 2 }), await nodes.start({ key: 3 })];
    for (const peer of [bad, friend]) await node.add(peer.address);
    const report = (peerId: typeof bad.peerId) =>
      node.peers.report(peerId, { code: 'SYNC.BAD_BLOCK', message: 'bad', severity: 'lower' });
    for (let n = 0; n < 5; n++) for (const { peerId } of [bad, friend]) report(peerId);
    await node.lacks(bad);
    expect(node.peers.describe(bad.peerId)).toMatchObject({
      ban: undefined,
      reasons: expect.arrayContaining([expect.objectContaining({ code: 'SYNC.BAD_BLOCK', points: 5 })]),
    });
    for (let n = 0; n < 6; n++) report(bad.peerId);
    await node.event('peer:banned');
    expect(node.peers.describe(bad.peerId).ban).toMatchObject({ by: 'score' });
    expect(node.peers.describe(friend.peerId).score).toBe(0);
    expect(node.table()).toEqual([friend.peerId]);
  });

  it('add tells its stages, and at which one it failed', async () => {
    const [node, peer] = [await nodes.start({ key: 1 }), await nodes.start({ key: 2 })];
    const stages: string[] = [];
    const [, , , , port] = peer.address.split('/');
    node.peers
      .add({ peerId: peer.peerId, transport: `/ip4/127.0.0.1/tcp/${port}` })
      .subscribe(({ stage }) => stages.push(stage));
    await eventually(() => stages.at(-1) === 'connected');
    expect(stages).toEqual(['queued', 'dialing', 'handshake', 'connected']);
    expect(await node.add(peer.address)).toEqual({ stage: 'connected' });
    expect(await node.add(node.address)).toMatchObject({ at: 'queue' });
    await peer.stop();
    await node.lacks(peer);
    const nobody = `/ip4/127.0.0.1/tcp/${port}/p2p/${testPeerId(5)}`;
    expect(await node.add(nobody)).toMatchObject({
      at: 'dial',
      error: { code: 'NETWORK.DIAL_FAILED' },
    });
  });
});
