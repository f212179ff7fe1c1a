import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { parsePeerAddress } from '../../../src/modules/network/index.js';
import { eventually } from '../../support/eventually.js';
import { ManualClock } from '../../support/manual-clock.js';
import type { NetworkNode } from '../../support/network-node.js';
import { NetworkNodes } from '../../support/network-nodes.js';
import { testPeerId } from '../../support/peer-ids.js';

const NOWHERE = `/ip4/127.0.0.1/tcp/9/p2p/${testPeerId(16)}`;
const byTest = { by: 'test', reason: 'a test' };

describe('finding together again', () => {
  const nodes = new NetworkNodes();
  afterEach(() => nodes.stop());

  /** Moves the clock until the condition holds. @returns ms that passed */
  async function passUntil(clock: ManualClock, limitMs: number, holds: () => boolean): Promise<number> {
    for (let passedMs = 0; ; passedMs += 500) {
      if (holds()) return passedMs;
      if (passedMs >= limitMs) throw new Error(`not within ${limitMs} ms`);
      clock.advance(500);
      // Sockets take real time, of which there is plenty between two moments.
      await eventually(holds, { timeoutMs: 40 }).catch(() => undefined);
    }
  }

  const at = (node: NetworkNode) => Number(node.address.split('/')[4]);

  it('after a bootnode was away for minutes the mesh is back within 30 s', async () => {
    const clock = new ManualClock();
    const boot = await nodes.start({ key: 1, bootnodes: [NOWHERE] });
    const [address, listenPort] = [boot.address, at(boot)];
    const members = [
      await nodes.start({ key: 2, clock, bootnodes: [address] }),
      await nodes.start({ key: 3, clock, bootnodes: [address] }),
    ];
    for (const member of members) await member.has(boot);
    await boot.stop();
    for (const member of members) await member.lacks(boot);
    for (let minutes = 0; minutes < 3; minutes++) {
      clock.advance(60_000);
      await eventually(() => false, { timeoutMs: 50 }).catch(() => undefined);
    }
    const back = await nodes.start({ key: 1, bootnodes: [NOWHERE], config: { listenPort } });
    await passUntil(clock, 30_000, () => members.every(({ peers }) => peers.has(back.peerId)));
    for (const member of members) await back.has(member);
  });

  it('without any bootnode, after a restart, earlier peers are found by what was remembered', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'edgekeeper-network-'));
    nodes.after(() => rm(dataDir, { recursive: true }));
    const boot = await nodes.start({ key: 1, bootnodes: [NOWHERE] });
    const friend = await nodes.start({ key: 2, bootnodes: [boot.address] });
    const node = await nodes.start({
      key: 3,
      bootnodes: [boot.address],
      dataDir,
      config: { discoveryIntervalMs: 100 },
    });
    await node.has(boot);
    await node.has(friend);
    const before = boot.address;
    await boot.stop();
    await node.lacks(boot);
    expect(node.table()).toEqual([friend.peerId]);
    await node.stop();
    await friend.lacks(node);
    const again = await nodes.start({ key: 3, bootnodes: [before], dataDir });
    await again.has(friend);
    expect(again.table()).toEqual([friend.peerId]);
  });

  it('a third node is found through a second', async () => {
    const boot = await nodes.start({ key: 1, bootnodes: [NOWHERE] });
    const config = { discoveryIntervalMs: 100 };
    const one = await nodes.start({ key: 2, bootnodes: [boot.address], config });
    const two = await nodes.start({ key: 3, bootnodes: [boot.address], config });
    await Promise.all([one.has(two), two.has(one)]);
  });

  it('a node that lost everybody gets back to an earlier peer', async () => {
    const clock = new ManualClock();
    const friend = await nodes.start({ key: 1 });
    const listenPort = at(friend);
    const node = await nodes.start({ key: 2, clock });
    await node.add(friend.address);
    await friend.stop();
    await node.lacks(friend);
    const back = await nodes.start({ key: 1, config: { listenPort } });
    await passUntil(clock, 60_000, () => node.peers.has(back.peerId));
  });

  it('a static peer is dialed for as long as it is away, and no more once it is none', async () => {
    const clock = new ManualClock();
    const fixed = await nodes.start({ key: 1 });
    const [listenPort, address] = [at(fixed), fixed.address];
    const other = await nodes.start({ key: 3 });
    const node = await nodes.start({ key: 2, clock, config: { staticPeers: [address] } });
    await node.has(fixed);
    await node.add(other.address);
    await fixed.stop();
    await node.lacks(fixed);
    clock.advance(60_000);
    const back = await nodes.start({ key: 1, config: { listenPort } });
    await passUntil(clock, 30_000, () => node.peers.has(back.peerId));
    await expect(node.control.remove(back.peerId, byTest)).rejects.toMatchObject({ code: 'NETWORK.PINNED' });
    await node.control.setStatic(parsePeerAddress(back.address), false, byTest);
    await node.control.remove(back.peerId, byTest);
    expect(node.peers.describe(back.peerId).isStatic).toBe(false);
    await back.lacks(node);
    clock.advance(60_000);
    expect(node.table()).toEqual([other.peerId]);
  });
});
