import { afterEach, describe, expect, it } from '@jest/globals';
import { readGenesisText } from '../support/genesis-texts.js';
import { GoPeer } from '../support/go-peer.js';
import { TestNode } from '../support/test-node.js';
import { waitFor } from '../support/wait-for.js';

const CHAIN_ID = '4101';

describe('handshake and discovery with a Go peer', () => {
  const running: { stop(): Promise<void> }[] = [];
  const track = <T extends { stop(): Promise<void> }>(started: T): T => {
    running.push(started);
    return started;
  };

  afterEach(async () => {
    for (const one of running.splice(0).reverse()) await one.stop();
  });

  it('it dials us: both have each other, and it sees what a node announces', async () => {
    const node = track(await TestNode.start({ genesis: readGenesisText('ibft-ecdsa') }));
    const peer = track(await GoPeer.start('--chain-id', CHAIN_ID));
    const connected = waitFor(node.peers.events$, ({ type }) => type === 'peer:connected');
    await peer.send('dial', { addr: node.address });
    await expect(connected).resolves.toMatchObject({ peerId: peer.peerId, direction: 'inbound' });
    await peer.event('peerConnected', ({ peer: id }) => id === node.peers.self);
    const hello = await peer.send('hello', { peer: node.peers.self });
    expect(hello).toMatchObject({ ok: true, chain: 4101, peerId: node.peers.self, temporaryDial: false });
    const { peers } = (await peer.send('peers')) as unknown as { peers: { protocols: string[] }[] };
    expect(peers[0]?.protocols).toEqual(
      expect.arrayContaining(['/id/0.1', '/syncer/0.2', '/meshsub/1.1.0', '/ipfs/ping/1.0.0']),
    );
  });

  it('we dial it: it has us as an inbound peer', async () => {
    const peer = track(await GoPeer.start('--chain-id', CHAIN_ID));
    const node = track(await TestNode.start({ genesis: readGenesisText('ibft-ecdsa') }));
    await node.system().peersAdd({ id: peer.address });
    await expect(peer.event('peerConnected')).resolves.toMatchObject({
      peer: node.peers.self,
      direction: 'inbound',
    });
    await peer.event('peerStatus', ({ number }) => number === 0);
  });

  it('a temporary dial of it is no peer', async () => {
    const peer = track(await GoPeer.start('--chain-id', CHAIN_ID, '--temporary'));
    const node = track(await TestNode.start({ genesis: readGenesisText('ibft-ecdsa') }));
    await node.system().peersAdd({ id: peer.address });
    await peer.event('peerTemporary');
    expect(node.peers.list()).toEqual([]);
  });

  it('peers are found through it, and by it through us', async () => {
    const known = track(await GoPeer.start('--chain-id', CHAIN_ID));
    const bootnode = track(await GoPeer.start('--chain-id', CHAIN_ID, '--known', known.address));
    const genesis = JSON.parse(readGenesisText('ibft-ecdsa'));
    const node = track(
      await TestNode.start({
        genesis: JSON.stringify({ ...genesis, bootnodes: [bootnode.address] }),
        settings: { network: { discovery: true, discoveryIntervalMs: 200 } },
      }),
    );
    await known.event('peerConnected', ({ peer }) => peer === node.peers.self);
    const { nodes } = (await bootnode.send('findPeers', { peer: node.peers.self })) as unknown as {
      nodes: string[];
    };
    expect(nodes).toEqual([known.address]);
  });

  it('requests that break the rules of FindPeers are refused in the words of the protocol', async () => {
    const bootnode = track(await GoPeer.start('--chain-id', CHAIN_ID));
    const genesis = JSON.parse(readGenesisText('ibft-ecdsa'));
    const node = track(
      await TestNode.start({
        genesis: JSON.stringify({ ...genesis, bootnodes: [bootnode.address] }),
        settings: { network: { discovery: true } },
      }),
    );
    await bootnode.event('peerConnected');
    const ask = (fields: object) => bootnode.send('findPeers', { peer: node.peers.self, ...fields });
    expect((await ask({ count: 17 })).error).toContain('value must be inside range (0, 17)');
    expect((await ask({ key: '/' })).error).toContain('value does not match regex pattern');
  });
});
