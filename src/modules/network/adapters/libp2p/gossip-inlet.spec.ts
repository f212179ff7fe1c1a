import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RPC } from '@libp2p/gossipsub/message';
import fc from 'fast-check';
import { AttackedNode, TOPIC } from '../../../../../test/support/gossip-attacker.js';
import { testNetworkKey, testPeerId } from '../../../../../test/support/peer-ids.js';
import { aSignedMessage } from '../../../../../test/support/signed-gossip.js';
import { GossipOffences } from '../../gossip/gossip-offences.js';
import { networkConfigSchema } from '../../network.config.js';
import { BadRpc } from './gossip-envelope.js';
import { GossipInlet } from './gossip-inlet.js';
import { peerScoreParams } from './gossip-scores.js';

const signed = aSignedMessage({ privateKey: testNetworkKey(9), sequenceNumber: 1, topic: TOPIC });
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.constantFrom(signed.from, signed.seqno, signed.signature, new Uint8Array()),
);
const absent = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const topicID = fc.constantFrom(TOPIC, '', 'another', '__proto__', 'constructor');
const ids = fc.array(bytes, { maxLength: 8 });
/** RPCs with a sense to them that no honest neighbour has. */
const hostile = fc.record({
  subscriptions: fc.array(fc.record({ subscribe: absent(fc.boolean()), topic: absent(topicID) }), {
    maxLength: 5,
  }),
  messages: fc.array(
    fc.record({
      from: absent(bytes),
      data: absent(bytes),
      seqno: absent(bytes),
      topic: topicID,
      signature: absent(bytes),
      key: absent(bytes),
    }),
    { maxLength: 5 },
  ),
  control: fc.record({
    ihave: fc.array(fc.record({ topicID: absent(topicID), messageIDs: ids }), { maxLength: 5 }),
    iwant: fc.array(fc.record({ messageIDs: ids }), { maxLength: 5 }),
    graft: fc.array(fc.record({ topicID: absent(topicID) }), { maxLength: 5 }),
    prune: fc.array(
      fc.record({
        topicID: absent(topicID),
        peers: fc.array(fc.record({ peerID: absent(bytes), signedPeerRecord: absent(bytes) }), {
          maxLength: 5,
        }),
        backoff: absent(fc.maxSafeNat()),
      }),
      { maxLength: 5 },
    ),
    idontwant: fc.array(fc.record({ messageIDs: ids }), { maxLength: 5 }),
  }),
});

describe(GossipInlet.name, () => {
  const ours = new AttackedNode();
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  beforeAll(async () => {
    process.on('unhandledRejection', note);
    await ours.start();
    await ours.neighbour();
  });
  afterAll(async () => {
    process.off('unhandledRejection', note);
    await ours.stop();
  });
  /** Each with full buckets. */
  const inlet = () =>
    new GossipInlet({
      router: ours.router,
      clock: ours.clock,
      limits: networkConfigSchema.parse({}).gossip,
      dropped: () => {},
      offences: new GossipOffences(ours.clock, () => {}),
    });
  const receive = async (frame: Uint8Array): Promise<unknown> => {
    const peerId = ours.router.peers.get(testPeerId(2));
    if (peerId === undefined) throw new Error('the neighbour is gone');
    try {
      return await inlet().receive(peerId, frame);
    } catch (error) {
      return error;
    }
  };

  it('takes any RPC without an error', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (rpc) => {
        expect(await receive(RPC.encode(rpc as unknown as RPC))).toBeUndefined();
      }),
      { numRuns: 200 },
    );
    expect(unhandled).toEqual([]);
    expect(ours.heard).toEqual([]);
  });

  it('answers any bytes with nothing or a BadRpc', async () => {
    const base = RPC.encode({ subscriptions: [], messages: [signed] });
    const changes = fc.array(fc.record({ at: fc.nat(), value: fc.nat({ max: 255 }) }), {
      minLength: 1,
      maxLength: 4,
    });
    const changed = changes.map((list) => {
      const copy = Buffer.from(base);
      for (const { at, value } of list) copy[at % copy.length] = value;
      return copy;
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 100 }), changed), async (frame) => {
        const outcome = await receive(frame);
        expect(outcome === undefined || outcome instanceof BadRpc).toBe(true);
      }),
      { numRuns: 500 },
    );
    expect(unhandled).toEqual([]);
  });
});

describe(peerScoreParams.name, () => {
  it.each([
    { ip: '127.0.0.1', exempt: true },
    { ip: '127.8.9.1', exempt: true },
    { ip: '::1', exempt: true },
    { ip: '::ffff:127.0.0.1', exempt: true },
    { ip: '10.0.0.1', exempt: false },
  ])('counts neighbours at $ip as at one address unless loopback is exempt', ({ ip, exempt }) => {
    expect(peerScoreParams(true).IPColocationFactorWhitelist?.has(ip)).toBe(exempt);
    expect(peerScoreParams(false).IPColocationFactorWhitelist?.has(ip)).toBe(false);
  });
});
