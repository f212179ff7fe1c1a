import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually, settled } from '../../../../../test/support/eventually.js';
import {
  AttackedNode,
  type AttackedOptions,
  framed,
  TOPIC,
} from '../../../../../test/support/gossip-attacker.js';
import { testNetworkKey, testPeerId } from '../../../../../test/support/peer-ids.js';
import { aSignedMessage } from '../../../../../test/support/signed-gossip.js';

const ABUSE = { code: 'NETWORK.GOSSIP_ABUSE' };
const signed = (n: number, key = 9) =>
  aSignedMessage({ privateKey: testNetworkKey(key), sequenceNumber: n, topic: TOPIC });

describe('gossip behind its guards', () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });
  const started = (options?: AttackedOptions) => {
    const ours = new AttackedNode();
    cleanups.push(() => ours.stop());
    return ours.start(options);
  };

  it('finds every part of the library that it replaces', async () => {
    const { router } = await started();
    const parts = {
      maps: [
        router.peers,
        router.mesh,
        router.streamsInbound,
        router.streamsOutbound,
        router.score.peerStats,
      ],
      functions: [
        router.onPeerDisconnected,
        router.createInboundStream,
        router.createOutboundStream,
        router.decodeRpc,
        router.handleReceivedRpc,
        router.handleReceivedSubscription,
        router.handleReceivedMessage,
        router.validateReceivedMessage,
        router.handleIWant,
        router.sendRpc,
        router.gossipTracer.deliverMessage,
        router.seenCache.has,
        router.seenCache.put,
        router.sendIDontWants,
        router.score.score,
        router.score.addPeer,
        router.score.removeIP,
        router.score.addPenalty,
        router.score.rejectInvalidMessage,
      ],
    };
    expect(parts.maps.every((part) => part instanceof Map)).toBe(true);
    expect(parts.functions.map((part) => typeof part)).toEqual(parts.functions.map(() => 'function'));
    expect(router.subscriptions.has(TOPIC)).toBe(true);
  });

  describe('a rejected message', () => {
    it('costs the neighbour that brought it, and none of those that relay it later', async () => {
      const ours = await started({
        verdict: ({ from, receivedFrom }) => (from === receivedFrom ? 'reject' : 'ignore'),
      });
      const [author, relay] = [await ours.neighbour(2), await ours.neighbour(3)];
      // The author's own key, so that it is what its neighbour receives from it.
      author.send({ messages: [signed(1, 2)] });
      await eventually(() => ours.heard.length === 1);
      relay.send({ messages: [signed(1, 2), signed(2, 9)] });
      await eventually(() => ours.heard.length === 2);
      expect(ours.reports).toMatchObject([{ peerId: testPeerId(2), error: ABUSE }]);
      await eventually(() => ours.score(2) < 0);
      expect(ours.score(3)).toBe(0);
      expect([...ours.drops]).toEqual([[`${TOPIC}: validator`, 2]]);
    });
  });

  describe('a hostile RPC', () => {
    it.each([
      { name: 'is no protobuf', bytes: framed(Buffer.from('ffffffff', 'hex')), reason: 'undecodable' },
      { name: 'is over the limit', bytes: framed(Buffer.alloc(0), 1024 * 1024 + 1), reason: 'too-large' },
      {
        name: 'has a length of 2^63',
        bytes: Buffer.from('8080808080808080807f', 'hex'),
        reason: 'undecodable',
      },
      {
        name: 'prunes for 2^64-1 s',
        bytes: framed(absurdPrune('ffffffffffffffffff01')),
        reason: 'undecodable',
      },
    ])('that $name ends its stream; the neighbour may open another one', async ({ bytes, reason }) => {
      const ours = await started();
      const attacker = await ours.neighbour();
      attacker.sendBytes(bytes);
      await eventually(() => attacker.stream.status !== 'open');
      expect([...ours.drops]).toEqual([[`other: ${reason}`, 1]]);
      expect(ours.reports).toMatchObject([{ peerId: testPeerId(2), error: ABUSE }]);
      await attacker.reopen();
      attacker.send({ messages: [signed(1)] });
      await eventually(() => ours.heard.length === 1);
    });

    it('with more in it than anyone needs is dropped, and what follows is read', async () => {
      const ours = await started();
      const attacker = await ours.neighbour();
      const messageIDs = Array.from({ length: 1_000 }, () => Buffer.alloc(0));
      attacker.sendControl({ iwant: Array.from({ length: 100 }, () => ({ messageIDs })) });
      attacker.send({ messages: [signed(1)] });
      await eventually(() => ours.heard.length === 1);
      expect([...ours.drops]).toEqual([['other: over-limit', 1]]);
      expect(ours.reports).toHaveLength(1);
    });

    it('prunes us for an hour at most, and names no peers that we would dial', async () => {
      const ours = await started();
      const attacker = await ours.neighbour();
      const backoffs = (ours.router as unknown as { backoff: Map<string, Map<string, number>> }).backoff;
      const peers = [{ peerID: Buffer.from(testPeerId(5)) }];
      attacker.sendControl({ prune: [{ topicID: TOPIC, backoff: 2 ** 52, peers }] });
      await eventually(() => backoffs.get(TOPIC)?.has(testPeerId(2)) ?? false);
      expect(backoffs.get(TOPIC)?.get(testPeerId(2))).toBeLessThanOrEqual(Date.now() + 3_600_000);
      expect(ours.node.libp2p.getDialQueue()).toEqual([]);
      for (const backoff of ['00', '8080808080808080807f']) attacker.sendBytes(framed(absurdPrune(backoff)));
      await settled(() => ours.reports.length);
      expect(ours.node.libp2p.status).toBe('started');
    });
  });

  it('keeps 60 topics of a neighbour that joins a million, and tells', async () => {
    const ours = await started();
    const attacker = await ours.neighbour();
    const topics = (ours.router as unknown as { topics: Map<string, unknown> }).topics;
    for (let n = 0; n < 100; n += 1) {
      const subscriptions = Array.from({ length: 400 }, (_, m) => ({ subscribe: true, topic: `${n}/${m}` }));
      attacker.send({ subscriptions });
    }
    await eventually(() => (ours.drops.get('other: control-rate') ?? 0) >= 80);
    expect(topics.size).toBeLessThan(70);
    expect(ours.reports.length).toBe(5);
  });

  it('tells of a neighbour that floods control messages, and drops them', async () => {
    const ours = await started();
    const attacker = await ours.neighbour();
    const messageIDs = Array.from({ length: 5_000 }, (_, n) => Buffer.alloc(47, n));
    for (let n = 0; n < 10; n += 1) attacker.sendControl({ ihave: [{ topicID: TOPIC, messageIDs }] });
    await eventually(() => (ours.drops.get('other: control-rate') ?? 0) >= 7);
    expect(ours.reports).toMatchObject(Array.from({ length: 5 }, () => ({ error: ABUSE })));
  });

  it('reads nothing of a neighbour that it graylisted, and tells', async () => {
    const ours = await started();
    const attacker = await ours.neighbour();
    ours.router.score.addPenalty(testPeerId(2), 100, 'test');
    await eventually(() => ours.score() < -80);
    attacker.send({ messages: [signed(1)] });
    await eventually(() => ours.drops.get('other: graylisted') === 1);
    expect(ours.heard).toEqual([]);
    expect(ours.reports).toHaveLength(1);
  });

  it('keeps one stream of a neighbour, the newest', async () => {
    const ours = await started();
    const attacker = await ours.neighbour();
    const first = attacker.stream;
    await attacker.reopen();
    await eventually(() => first.status !== 'open');
    attacker.send({ messages: [signed(1)] });
    await eventually(() => ours.heard.length === 1);
  });

  it('counts what comes on topics that we are not on, and does not verify it', async () => {
    const ours = await started();
    const attacker = await ours.neighbour();
    attacker.send({ messages: [{ ...signed(1), topic: 'another' }, signed(2)] });
    await eventually(() => ours.heard.length === 1);
    expect([...ours.drops]).toEqual([['other: not-joined', 1]]);
    expect(ours.reports).toEqual([]);
  });

  it('keeps messages, not the RPCs that they came in', async () => {
    const ours = await started();
    const attacker = await ours.neighbour();
    attacker.send({ messages: [signed(1), { topic: 'another', data: Buffer.alloc(500_000) }] });
    await eventually(() => ours.heard.length === 1);
    expect(ours.heard[0]?.data.buffer.byteLength).toBeLessThan(1_000);
  });
});

/** PRUNE of our topic with a backoff of these bytes. */
function absurdPrune(backoff: string): Buffer {
  const prune = Buffer.concat([
    Buffer.from([0x0a, TOPIC.length]),
    Buffer.from(TOPIC),
    Buffer.from(`18${backoff}`, 'hex'),
  ]);
  const control = Buffer.concat([Buffer.from([0x22, prune.length]), prune]);
  return Buffer.concat([Buffer.from([0x1a, control.length]), control]);
}
