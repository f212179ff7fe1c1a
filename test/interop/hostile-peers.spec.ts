import { afterEach, describe, expect, it } from '@jest/globals';
import { readGenesisText } from '../support/genesis-texts.js';
import { GoPeer, gossipUntil } from '../support/go-peer.js';
import { TestNode } from '../support/test-node.js';
import { waitFor } from '../support/wait-for.js';

const CHAIN_ID = '4101';
const BACKUP = ['--chain-id', CHAIN_ID, '--backup', 'test/fixtures/ibft-ecdsa/backup.dat'];
const HEAD = 260;

describe('hostile Go peers', () => {
  const running: { stop(): Promise<void> }[] = [];
  const track = <T extends { stop(): Promise<void> }>(started: T): T => {
    running.push(started);
    return started;
  };
  const startNode = async (network: object = {}) =>
    track(
      await TestNode.start({
        genesis: readGenesisText('ibft-ecdsa'),
        settings: {
          network: { handshakeTimeoutMs: 500, ...network },
          sync: { blockTimeoutMs: 1_000, retryBaseMs: 100, retryMaxMs: 1_000 },
        },
      }),
    );

  afterEach(async () => {
    for (const one of running.splice(0).reverse()) await one.stop();
  });

  it.each(['silent-hello', 'wrong-chain', 'other-peer-id'])('%s never becomes a peer', async (mode) => {
    const hostile = track(await GoPeer.start(...BACKUP, '--misbehave', mode));
    const node = await startNode();
    const failed = waitFor(node.peers.events$, ({ type }) => type === 'peer:handshake-failed');
    await node.system().peersAdd({ id: hostile.address });
    await expect(failed).resolves.toMatchObject({ peerId: hostile.peerId });
    expect(node.peers.list()).toEqual([]);
  });

  it.each([
    'stall-blocks',
    'bad-block',
    'junk-block',
    'gap-blocks',
    'claim-height',
    'big-block',
    'close-mid',
  ])('%s: an honest peer brings us to the head all the same', async (mode) => {
    const hostile = track(await GoPeer.start(...BACKUP, '--misbehave', mode));
    const node = await startNode();
    const met = waitFor(node.peers.events$, ({ type }) => type === 'peer:connected');
    await node.system().peersAdd({ id: hostile.address });
    await met;
    const honest = track(await GoPeer.start(...BACKUP));
    await node.system().peersAdd({ id: honest.address });
    const head = await waitFor(node.chain.head$, ({ number }) => number === HEAD);
    expect(head.number).toBe(HEAD);
  });

  it.each(['bad-block', 'junk-block', 'gap-blocks', 'big-block'])('%s costs the connection', async (mode) => {
    const hostile = track(await GoPeer.start(...BACKUP, '--misbehave', mode));
    const node = await startNode();
    const lost = waitFor(node.peers.events$, ({ type }) => type === 'peer:disconnected');
    await node.system().peersAdd({ id: hostile.address });
    await expect(lost).resolves.toMatchObject({ peerId: hostile.peerId });
  });

  it('an answer of 500 junk entries to FindPeers is taken without harm', async () => {
    const hostile = track(await GoPeer.start(...BACKUP, '--misbehave', 'find-peers-junk'));
    const genesis = JSON.parse(readGenesisText('ibft-ecdsa'));
    const node = track(
      await TestNode.start({
        genesis: JSON.stringify({ ...genesis, bootnodes: [hostile.address] }),
        settings: { network: { discovery: true, discoveryIntervalMs: 100, dialTimeoutMs: 200 } },
      }),
    );
    let queued = 0;
    node.peers.events$.subscribe(({ type }) => {
      if (type === 'peer:dial-queued') queued++;
    });
    await waitFor(node.chain.head$, ({ number }) => number === HEAD);
    await hostile.event('peerConnected');
    expect(queued).toBeLessThanOrEqual(20);
  });

  it('undecodable gossip is not believed, and the sender of good gossip is', async () => {
    const peer = track(await GoPeer.start(...BACKUP, '--head', '10'));
    const node = await startNode();
    await node.system().peersAdd({ id: peer.address });
    await waitFor(node.chain.head$, ({ number }) => number === 10);
    await peer.send('publishRaw', { topic: 'syncer/status/0.1', hex: 'ffffffffff' });
    await peer.send('setHead', { number: 20 });
    await gossipUntil(peer, 20, node);
  });
});
