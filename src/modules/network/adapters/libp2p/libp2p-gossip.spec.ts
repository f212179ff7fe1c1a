import { describe, expect, it } from '@jest/globals';
import { generateKeyPair } from '@libp2p/crypto/keys';
import type { GossipSub, Message } from '@libp2p/gossipsub';
import { peerIdFromString } from '@libp2p/peer-id';
import { testPeerId } from '../../../../../test/support/peer-ids.js';
import { SilentLogger } from '../../../../common/logger.port.js';
import { networkConfigSchema } from '../../network.config.js';
import { GossipTopics, messageId } from './libp2p-gossip.js';

describe('messageId', () => {
  it('is the author as it stands on the wire and the 8-byte sequence number, as in go-libp2p-pubsub', async () => {
    const { publicKey: key } = await generateKeyPair('secp256k1');
    const from = peerIdFromString(testPeerId(1));
    const message: Message = {
      type: 'signed',
      from,
      key,
      topic: 't',
      data: new Uint8Array(),
      signature: new Uint8Array(),
      sequenceNumber: 0x1122334455667788n,
    };
    // Identity multihash (00, length 0x25) of the public key's protobuf (type 2, 33 bytes): 39 bytes in all.
    const id = Buffer.from(messageId(message)).toString('hex');
    expect(id).toBe(
      `00250802122102${'79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798'}1122334455667788`,
    );
  });

  it('is not made of messages without an author', () => {
    expect(() => messageId({ type: 'unsigned', topic: 't', data: new Uint8Array() })).toThrow();
  });
});

describe(GossipTopics.name, () => {
  it('publishes what fits into the largest RPC of the network', async () => {
    const published: number[] = [];
    const gossip = {
      publish: async (_topic: string, data: Uint8Array) => {
        published.push(data.length);
        return { recipients: [] };
      },
    };
    const { gossip: limits } = networkConfigSchema.parse({ gossip: { maxMessageBytes: 4 * 1024 * 1024 } });
    const topics = new GossipTopics(gossip as unknown as GossipSub, new SilentLogger(), limits);
    topics.start();
    const largest = 4 * 1024 * 1024 - 1024;
    await topics.publish('t', new Uint8Array(largest));
    await expect(topics.publish('t', new Uint8Array(largest + 1))).rejects.toMatchObject({
      code: 'NETWORK.PUBLISH_FAILED',
    });
    expect(published).toEqual([largest]);
  });
});
