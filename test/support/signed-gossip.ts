import { createHash } from 'node:crypto';
import { RPC } from '@libp2p/gossipsub/message';
import secp256k1 from 'secp256k1';

/** A gossip message as go-libp2p-pubsub signs it, its author made of the key; cheap enough to make thousands. */
export function aSignedMessage({
  privateKey,
  sequenceNumber,
  topic,
  data = Buffer.from('x'),
}: {
  privateKey: Uint8Array;
  sequenceNumber: number;
  topic: string;
  data?: Uint8Array;
}): RPC.Message {
  const seqno = Buffer.alloc(8);
  seqno.writeBigUInt64BE(BigInt(sequenceNumber));
  // Identity multihash of the key's protobuf.
  const from = Buffer.concat([Buffer.from('002508021221', 'hex'), secp256k1.publicKeyCreate(privateKey)]);
  const message = { from, data, seqno, topic };
  const digest = createHash('sha256').update('libp2p-pubsub:').update(RPC.Message.encode(message)).digest();
  return {
    ...message,
    signature: secp256k1.signatureExport(secp256k1.ecdsaSign(digest, privateKey).signature),
  };
}
