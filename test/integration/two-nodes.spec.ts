import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { toHex } from '../../src/common/bytes.js';
import { HOST, type Host } from '../../src/modules/network/ports/host.port.js';
import { aKey, singleValidatorGenesis, TestNode } from '../support/test-node.js';
import { waitFor } from '../support/wait-for.js';

describe('a sealing node and its follower', () => {
  const validatorKey = aKey();
  const genesis = singleValidatorGenesis(validatorKey);
  let folder: string;
  let sealer: TestNode;
  let follower: TestNode | undefined;

  const startFollower = () =>
    TestNode.start({
      genesis: singleValidatorGenesis(validatorKey, { bootnodes: [sealer.address] }),
      dataDir: folder,
      settings: { network: { discovery: true } },
    });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'edgekeeper-follower-'));
    sealer = await TestNode.start({ genesis, validatorKey });
  });

  afterEach(async () => {
    await follower?.stop();
    follower = undefined;
    await sealer.stop();
    await rm(folder, { recursive: true });
  });

  it('the follower connects to its bootnode, takes each block and tells of it', async () => {
    follower = await startFollower();
    const { hash, number } = await waitFor(follower.chain.head$, (head) => head.number >= 3);
    expect(toHex(hash)).toBe(toHex((await sealer.chain.hashByNumber(number)) ?? new Uint8Array()));

    expect((await sealer.system().peersList({})).peers.map(({ id }) => id)).toEqual([follower.peers.self]);
    expect((await follower.system().peersList({})).peers.map(({ id }) => id)).toEqual([sealer.peers.self]);

    const events = follower.system().subscribe({});
    for await (const { added, removed } of events) {
      expect(removed).toEqual([]);
      const [block] = added;
      const stored = await follower.chain.hashByNumber(Number(block?.number));
      expect(block?.hash).toBe(toHex(stored ?? new Uint8Array()));
      break;
    }

    const status = await follower.system().getStatus({});
    expect(status).toMatchObject({
      network: 7_331n,
      p2pAddr: follower.address,
      verification: 'seals of the voted set',
      genesisTrust: 'computed',
    });
    expect(status.genesis).toBe(toHex((await sealer.chain.hashByNumber(0)) ?? new Uint8Array()));
  });

  it('the follower syncs over WebSockets alone', async () => {
    await sealer.stop();
    sealer = await TestNode.start({
      genesis,
      validatorKey,
      settings: { network: { websocket: { listen: '/ip4/127.0.0.1/tcp/0/ws', dial: false } } },
    });
    const address = sealer
      .get<Host>(HOST)
      .addresses()
      .find((each) => each.endsWith('/ws'));
    follower = await TestNode.start({
      genesis: singleValidatorGenesis(validatorKey, { bootnodes: [`${address}/p2p/${sealer.peers.self}`] }),
      dataDir: folder,
      settings: { network: { discovery: true, websocket: { dial: true } } },
    });
    await waitFor(follower.chain.head$, (head) => head.number >= 2);
    expect(follower.get<Host>(HOST).connections()).toMatchObject([
      { remote: address, direction: 'outbound' },
    ]);
  });

  it('the follower resumes from its disk', async () => {
    follower = await startFollower();
    const { number, hash } = await waitFor(follower.chain.head$, (head) => head.number >= 2);
    await follower.stop();
    follower = await startFollower();
    expect(follower.chain.head()?.number).toBeGreaterThanOrEqual(number);
    expect(toHex((await follower.chain.hashByNumber(number)) ?? new Uint8Array())).toBe(toHex(hash));
    await waitFor(follower.chain.head$, (head) => head.number > number + 1);
  });

  it('the follower finds the sealer again after it was away', async () => {
    follower = await startFollower();
    await waitFor(follower.chain.head$, (head) => head.number >= 1);
    await sealer.peers.disconnect(follower.peers.self, undefined as never);
    await waitFor(follower.peers.events$, ({ type }) => type === 'peer:connected');
    const { number = 0 } = follower.chain.head() ?? {};
    await waitFor(follower.chain.head$, (head) => head.number > number);
  });
});
