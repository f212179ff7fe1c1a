import { describe, expect, it } from '@jest/globals';
import { generateKeyPair } from '@libp2p/crypto/keys';
import type { Message } from '@libp2p/gossipsub';
import { peerIdFromString } from '@libp2p/peer-id';
import { testPeerId } from '../../../../../test/support/peer-ids.js';
import { messageId } from './libp2p-gossip.js';

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
