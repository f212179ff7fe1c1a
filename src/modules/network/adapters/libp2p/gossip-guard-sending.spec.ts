import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually, settled } from '../../../../../test/support/eventually.js';
import { AttackedNode, type AttackedOptions, TOPIC } from '../../../../../test/support/gossip-attacker.js';
import { testNetworkKey, testPeerId } from '../../../../../test/support/peer-ids.js';
import { aSignedMessage } from '../../../../../test/support/signed-gossip.js';

const signed = (n: number, key = 9) =>
  aSignedMessage({ privateKey: testNetworkKey(key), sequenceNumber: n, topic: TOPIC });

describe('what gossip keeps and sends for neighbours', () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });
  const started = (options?: AttackedOptions) => {
    const ours = new AttackedNode();
    cleanups.push(() => ours.stop());
    return ours.start(options);
  };

  it('sends nothing more to a neighbour that does not read, and counts it', async () => {
    const ours = await started({ config: { gossip: { maxMessageBytes: 65_536 } } });
    await ours.neighbour();
    await eventually(() => ours.router.streamsOutbound.has(testPeerId(2)));
    const stream = { writeBufferLength: 2 * 65_536 + 1, send: () => true };
    const outbound = ours.router.streamsOutbound as Map<string, unknown>;
    outbound.set(testPeerId(2), { rawStream: stream, push: stream.send, close: async () => {} });
    const rpc = { subscriptions: [], messages: [signed(1)] };
    expect(ours.router.sendRpc(testPeerId(2), rpc)).toBe(false);
    expect([...ours.drops]).toEqual([[`${TOPIC}: queue-full`, 1]]);
    // Control messages are small, and the mesh depends on them.
    expect(ours.router.sendRpc(testPeerId(2), { subscriptions: [], messages: [] })).toBe(true);
  });

  it('answers IWANT with one RPC that is not larger than a peer takes', async () => {
    const ours = await started({ config: { gossip: { maxMessageBytes: 65_536 } } });
    const { mcache } = ours.router as unknown as {
      mcache: { put(id: object, message: object, ok: true): void };
    };
    const messageIDs = [1, 2, 3].map((n) => Buffer.from([n]));
    for (const msgId of messageIDs) {
      mcache.put(
        { msgId, msgIdStr: msgId.toString('latin1') },
        { topic: TOPIC, data: Buffer.alloc(30_000) },
        true,
      );
    }
    expect(ours.router.handleIWant(testPeerId(2), [{ messageIDs }])).toHaveLength(2);
  });

  it('forgets the addresses of a neighbour that returns from elsewhere', async () => {
    const { router } = await started();
    const { score } = router;
    const { peerIPs, addIP } = score as typeof score & {
      peerIPs: Map<string, Set<string>>;
      addIP(peerId: string, ip: string): void;
    };
    for (let n = 0; n < 100; n += 1) {
      score.addPeer('peer');
      addIP.call(score, 'peer', `fd00::${n}`);
    }
    expect([...peerIPs.keys()]).toEqual(['fd00::99']);
  });

  it('opens streams to several neighbours at a time, one to each', async () => {
    const ours = await started();
    const [slow, other] = [await ours.neighbour(2), await ours.neighbour(3)];
    await eventually(() => ours.router.streamsOutbound.has(other.peerId));
    const outbound = ours.router.streamsOutbound as Map<string, unknown>;
    outbound.clear();
    const asked: string[] = [];
    const connection = (name: string, isAnswered: boolean) => ({
      newStream: () => {
        asked.push(name);
        return isAnswered ? Promise.reject(new Error(name)) : new Promise(() => {});
      },
    });
    const open = (peer: typeof slow, name: string, isAnswered: boolean) =>
      ours.router.createOutboundStream(
        peer.node.libp2p.peerId,
        connection(name, isAnswered) as unknown as Parameters<typeof ours.router.createOutboundStream>[1],
      );
    await open(slow, 'never answers', false);
    await open(slow, 'waits', true);
    await open(other, 'fails', true);
    await open(other, 'tried after that', true);
    await settled(() => asked.length, 4);
    expect(asked).toEqual(['never answers', 'fails', 'tried after that']);
  });
});
