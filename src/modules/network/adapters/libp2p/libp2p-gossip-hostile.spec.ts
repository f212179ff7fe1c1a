import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { privateKeyFromRaw, publicKeyToProtobuf } from '@libp2p/crypto/keys';
import { RPC } from '@libp2p/gossipsub/message';
import type { Secp256k1PublicKey } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { eventually, settled } from '../../../../../test/support/eventually.js';
import { ManualClock } from '../../../../../test/support/manual-clock.js';
import { testNetworkKey, testPeerId } from '../../../../../test/support/peer-ids.js';
import { aSignedMessage } from '../../../../../test/support/signed-gossip.js';
import { SilentLogger } from '../../../../common/logger.port.js';
import { networkConfigSchema } from '../../network.config.js';
import type { HostMessage } from '../../ports/host.port.js';
import { GossipTopics } from './libp2p-gossip.js';
import { createLibp2pNode } from './libp2p-node.js';

const TOPIC = 'syncer/status/0.1';
const RPC_MESSAGES = 500;
const SIGNED = Buffer.from('libp2p-pubsub:');
/** What all secp256k1 keys of libp2p share. */
const keys: { verify: Secp256k1PublicKey['verify'] } = Object.getPrototypeOf(
  privateKeyFromRaw(testNetworkKey(1)).publicKey,
);
const librarysOwn = keys.verify;

describe('gossip from a hostile neighbour', () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });

  async function startedNode(n: number, clock: ManualClock) {
    let dropped = 0;
    const node = await createLibp2pNode({
      networkKey: testNetworkKey(n),
      config: networkConfigSchema.parse({ listenPort: 0 }),
      agent: 'test',
      clock,
      onGossipDropped: () => {
        dropped += 1;
      },
    });
    await node.libp2p.start();
    cleanups.push(() => node.libp2p.stop());
    return { ...node, dropped: () => dropped };
  }

  /** Our node on a topic, and a neighbour that writes RPCs of its own making. */
  async function attacked() {
    const clock = new ManualClock();
    const [ours, attacker] = [await startedNode(1, clock), await startedNode(2, clock)];
    const topics = new GossipTopics(ours.gossip, new SilentLogger());
    topics.start();
    const heard: HostMessage[] = [];
    topics.subscribe(TOPIC, (message) => {
      heard.push(message);
      return 'accept';
    });
    const [address] = ours.libp2p.getMultiaddrs();
    const connection = await attacker.dial(multiaddr(String(address)), AbortSignal.timeout(5_000));
    await eventually(() => ours.gossip.getPeers().length === 1);
    const stream = await connection.newStream('/meshsub/1.1.0');
    const send = (messages: RPC.Message[]) => {
      for (let at = 0; at < messages.length; at += RPC_MESSAGES) {
        const part = messages.slice(at, at + RPC_MESSAGES);
        const rpc = RPC.encode({ subscriptions: [], messages: part });
        stream.send(Buffer.concat([varint(rpc.length), rpc]));
      }
    };
    const scores = ours.gossip as unknown as { score: { score(peerId: string): number } };
    const native = keys.verify !== librarysOwn;
    const verify = jest.spyOn(keys, 'verify');
    cleanups.push(() => verify.mockRestore());
    // Both nodes also verify each other's peer records.
    const verified = () =>
      verify.mock.calls.filter(([data]) => data instanceof Uint8Array && SIGNED.equals(data.subarray(0, 14)))
        .length;
    return { clock, heard, send, verified, native, ours, score: () => scores.score.score(testPeerId(2)) };
  }

  const keyOf = (n: number) => publicKeyToProtobuf(privateKeyFromRaw(testNetworkKey(n)).publicKey);
  const signed = (n: number, fields: Partial<RPC.Message> = {}) => ({
    ...aSignedMessage({ privateKey: testNetworkKey(9), sequenceNumber: n, topic: TOPIC }),
    ...fields,
  });
  const byOther = aSignedMessage({ privateKey: testNetworkKey(8), sequenceNumber: 1, topic: TOPIC });

  it.each([
    { name: 'of another message', forged: { data: Buffer.from('changed') } },
    { name: 'cut short', forged: { signature: signed(1).signature?.subarray(0, -1) } },
    { name: 'that is none', forged: { signature: Buffer.alloc(70, 0x30) } },
    { name: 'that is absent', forged: { signature: undefined } },
    { name: 'by another key', forged: { signature: byOther.signature } },
    {
      name: 'with the key that made it, not the author’s',
      forged: { signature: byOther.signature, key: keyOf(8) },
    },
    { name: 'with a key that is none', forged: { key: Buffer.from('key') } },
  ])('hears no author with a signature $name, and lowers the score', async ({ forged }) => {
    const { heard, send, score } = await attacked();
    send([signed(1, forged as Partial<RPC.Message>), signed(2)]);
    await eventually(() => heard.length > 0 && score() < 0);
    expect(await settled(() => heard.length)).toBe(1);
    expect(heard).toMatchObject([{ topic: TOPIC, from: testPeerId(9), receivedFrom: testPeerId(2) }]);
  });

  it('hears authors with and without their key in the message, verified in native code', async () => {
    const { heard, send, score, verified, native } = await attacked();
    send([signed(1), signed(2, { key: keyOf(9) })]);
    await eventually(() => heard.length === 2);
    expect({ score: score(), verified: verified(), native }).toEqual({ score: 0, verified: 2, native: true });
  });

  it('verifies a message once, however often it comes; a forgery before it does not keep it out', async () => {
    const { heard, send, verified } = await attacked();
    send([signed(1, { data: Buffer.from('changed') }), signed(1)]);
    await eventually(() => heard.length === 1);
    send([signed(1), signed(1), signed(2)]);
    await eventually(() => heard.length === 2);
    expect(verified()).toBe(3);
  });

  it('verifies no more than the burst of a flood of valid messages, and lowers the score', async () => {
    const { heard, send, verified, ours, score } = await attacked();
    const flood = Array.from({ length: 5_000 }, (_, n) => {
      return aSignedMessage({ privateKey: testNetworkKey(100 + n), sequenceNumber: n, topic: TOPIC });
    });
    send(flood);
    await eventually(() => heard.length === 400 && ours.dropped() > 0 && score() < 0);
    await settled(() => ours.dropped());
    expect(verified()).toBe(400);
    expect(heard).toHaveLength(400);
  });

  it('leaves a neighbour alone that relays 50 messages a second', async () => {
    const { clock, heard, send, ours, score } = await attacked();
    for (let second = 1; second <= 12; second += 1) {
      send(Array.from({ length: 50 }, (_, n) => signed(second * 50 + n)));
      await eventually(() => heard.length === second * 50);
      await clock.advance(1_000);
    }
    expect([ours.dropped(), score()]).toEqual([0, 0]);
  });
});

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}
