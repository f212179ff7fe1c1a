import { type Client, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Peers,
  AddPeerResponse_Stage as Stage,
  AddPeerResponse_Step as Step,
  PeerEvent_Type as Type,
  type WatchPeersResponse,
} from '../../src/gen/edgekeeper/v1/peers_pb.js';
import { eventually } from '../support/eventually.js';
import { testPeerId } from '../support/peer-ids.js';
import { aKey, singleValidatorGenesis, TestNode } from '../support/test-node.js';

const genesis = singleValidatorGenesis(aKey());
const nodes: TestNode[] = [];

const start = async (text = genesis) => {
  const node = await TestNode.start({ genesis: text });
  nodes.push(node);
  return node;
};

const peersOf = (node: TestNode): Client<typeof Peers> =>
  createClient(Peers, createGrpcTransport({ baseUrl: `http://${node.operatorAddress}` }));

/** Collects what a watcher is sent, until the node stops. */
function watch(client: Client<typeof Peers>) {
  const seen: WatchPeersResponse['item'][] = [];
  const stop = new AbortController();
  const done = (async () => {
    for await (const { item } of client.watch({}, { signal: stop.signal })) seen.push(item);
  })().catch(() => undefined);
  const events = () => seen.flatMap((item) => (item.case === 'event' ? [item.value] : []));
  return {
    seen,
    events,
    stop: () => {
      stop.abort();
      return done;
    },
  };
}

describe('the Peers service of two nodes', () => {
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()));
  });

  it('adds, lists with latency, height and traffic, explains and removes', async () => {
    const [node, peer] = [await start(), await start()];
    const client = peersOf(node);
    const added = await client.add({ address: peer.address, wait: true });
    expect(added).toMatchObject({ stage: Stage.CONNECTED, timedOut: false });

    const entryOf = async () => (await client.list({})).peers[0];
    await eventually(async () => {
      const entry = await entryOf();
      return entry?.latencyMs !== undefined && entry.claimedHeight !== undefined;
    });
    expect(await entryOf()).toMatchObject({
      id: peer.peers.self,
      connected: true,
      claimedHeight: 0n,
      agent: expect.stringMatching(/^edgekeeper\//),
      score: 0,
      protocols: expect.arrayContaining(['/id/0.1', '/syncer/0.2']),
      addresses: [peer.address.replace(/\/p2p\/.*/, '')],
      trusted: false,
    });
    expect((await entryOf())?.traffic?.receivedBytes).toBeGreaterThan(0n);

    const explained = await client.explain({ peerId: peer.peers.self });
    expect(explained).toMatchObject({ connection: { yes: true }, ban: { yes: false } });
    expect(explained.syncSource?.causes.map(({ code }) => code)).toEqual(['PEER.NOT_AHEAD']);

    await client.remove({ peerId: peer.peers.self, reason: 'a test' });
    expect((await client.list({})).peers).toEqual([]);
    const known = (await client.list({ known: true })).peers;
    expect(known).toMatchObject([
      { id: peer.peers.self, connected: false, lastError: { code: 'NETWORK.REMOVED_BY_OPERATOR' } },
    ]);
    await expect(client.remove({ peerId: peer.peers.self })).rejects.toMatchObject({ code: 5 });
    const { entries } = await client.audit({});
    expect(entries).toMatchObject([{ action: 'remove', target: peer.peers.self, reason: 'a test' }]);
  });

  it('shows a watcher who is there, then each fact once; a ban closes the connection and is explained', async () => {
    const [node, first, second] = [await start(), await start(), await start()];
    const client = peersOf(node);
    await client.add({ address: first.address, wait: true });
    const watcher = watch(client);
    await eventually(() => watcher.seen.length > 0);
    expect(watcher.seen).toMatchObject([
      { case: 'snapshot', value: { peers: [{ id: first.peers.self, connected: true }] } },
    ]);

    await client.add({ address: second.address, wait: true });
    await client.ban({ target: first.peers.self, reason: 'spam', ttlMs: 60_000n });
    await eventually(() => watcher.events().some(({ type }) => type === Type.DISCONNECTED));
    const ofSecond = watcher.events().filter(({ peerId }) => peerId === second.peers.self);
    expect(ofSecond.map(({ type }) => type)).toEqual([Type.DIAL_QUEUED, Type.DIAL_STARTED, Type.CONNECTED]);
    const ofFirst = watcher.events().filter(({ peerId }) => peerId === first.peers.self);
    expect(ofFirst).toMatchObject([
      { type: Type.BANNED, ban: { reason: 'spam', by: expect.any(String) } },
      { type: Type.DISCONNECTED, cause: { code: 'NETWORK.BANNED' } },
    ]);
    await watcher.stop();

    const explained = await client.explain({ peerId: first.peers.self });
    expect(explained.summary).toMatch(/^not connected: it is banned by .* until .*: "spam"$/);
    expect(explained.connection?.causes[0]).toMatchObject({
      code: 'NETWORK.BANNED',
      subject: first.peers.self,
    });
    const again = await client.add({ address: first.address, wait: true });
    expect(again).toMatchObject({ failedAt: Step.QUEUE, reason: { code: 'NETWORK.BANNED' } });
    expect((await client.listBans({})).bans).toMatchObject([{ target: first.peers.self, reason: 'spam' }]);

    await client.unban({ target: first.peers.self });
    await expect(client.unban({ target: first.peers.self })).rejects.toMatchObject({ code: 5 });
    expect(await client.add({ address: first.address, wait: true })).toMatchObject({
      stage: Stage.CONNECTED,
    });
  });

  it('says at which stage an add failed, and why; the peer is explained by it', async () => {
    const node = await start();
    const peer = await start();
    const stranger = await start(singleValidatorGenesis(aKey(), { chainId: 4_711 }));
    const client = peersOf(node);
    const add = (address: string) => client.add({ address, wait: true });

    const wrongId = `${peer.address.replace(/\/p2p\/.*/, '')}/p2p/${testPeerId(5)}`;
    expect(await add(wrongId)).toMatchObject({
      stage: Stage.FAILED,
      failedAt: Step.DIAL,
      reason: { code: 'NETWORK.DIAL_FAILED' },
    });
    expect(await add(stranger.address)).toMatchObject({
      failedAt: Step.HANDSHAKE,
      reason: { code: 'NETWORK.CHAIN_MISMATCH' },
    });
    const left = await client.explain({ peerId: stranger.peers.self });
    expect(left.connection?.causes.map(({ code }) => code)).toEqual([
      'NETWORK.QUARANTINED',
      'NETWORK.CHAIN_MISMATCH',
    ]);

    const { address } = peer;
    await nodes.splice(nodes.indexOf(peer), 1)[0]?.stop();
    expect(await add(address)).toMatchObject({
      failedAt: Step.DIAL,
      reason: { code: 'NETWORK.DIAL_FAILED', text: expect.any(String) },
    });
    const closed = await client.explain({ peerId: address.split('/p2p/')[1] ?? '' });
    expect(closed.connection?.causes[0]?.code).toBe('NETWORK.DIAL_FAILED');
    const nobody = await client.explain({ peerId: testPeerId(6) });
    expect(nobody.connection?.causes.map(({ code }) => code)).toEqual(['PEER.NEVER_HEARD_OF']);
    await expect(client.add({ address: '/ip4/127.0.0.1/tcp/1' })).rejects.toMatchObject({ code: 3 });
    expect(await client.add({ address: node.address })).toMatchObject({
      failedAt: Step.QUEUE,
      reason: { code: 'NETWORK.ADDRESS_REFUSED' },
    });
  });
});
