import { createHash } from 'node:crypto';
import type { SignedMessage, TopicValidatorResult } from '@libp2p/gossipsub';
import { RPC } from '@libp2p/gossipsub/message';
import type { PeerId as Libp2pPeerId } from '@libp2p/interface';
import { peerIdOf } from '../../address/peer-id.js';
import { messageIdText, rawMessageId } from './gossip-message.js';
import type { GossipRouter } from './gossip-router.js';
import type { VerifyHash } from './native-signatures.js';

const SIGN_PREFIX = 'libp2p-pubsub:';
/** An author's ID is the identity multihash (2 bytes) of the key's protobuf (4 bytes and the key), secp256k1 here. */
const AUTHOR_PREFIX = Buffer.from('002508021221', 'hex');
const AUTHOR_BYTES = 39;
const KEY_PROTOBUF_AT = 2;

/**
 * Verifies messages of secp256k1 authors from the bytes of their IDs. The library makes a key object of each author
 * first, with arithmetic in JavaScript that costs four times as much as the native check; who makes up authors would
 * have it done for each message. Others are left to the library.
 */
export function verifyNatively(router: GossipRouter, verify: VerifyHash): void {
  const validate = router.validateReceivedMessage.bind(router);
  router.validateReceivedMessage = async (neighbour, message) => {
    const { from, seqno, topic, signature } = message;
    const msgIdStr = rawMessageId(from, seqno);
    if (router.seenCache.has(msgIdStr)) return { code: 'duplicate', msgIdStr };
    if (!isOfKnownKind(message) || from === undefined || seqno === undefined)
      return validate(neighbour, message);
    const key = from.subarray(AUTHOR_PREFIX.length);
    if (signature === undefined || !verify(key, hashOf(message), signature)) {
      return { code: 'invalid', reason: 'error' };
    }
    // Only what was verified, so that a forgery cannot keep out the real one.
    router.seenCache.put(msgIdStr);
    const judged = signedMessage(message, from, seqno, signature);
    const verdict: `${TopicValidatorResult}` =
      (await router.topicValidators.get(topic)?.(neighbour, judged)) ?? 'ignore';
    if (verdict !== 'accept') return { code: 'invalid', reason: verdict, msgIdStr };
    const msgId = Buffer.concat([from, seqno]);
    if ((message.data?.length ?? 0) >= router.opts.idontwantMinDataSize) {
      router.sendIDontWants(msgId, topic, neighbour.toString());
    }
    return { code: 'valid', messageId: { msgId, msgIdStr: messageIdText(msgId) }, msg: judged };
  };
}

/** Whether the author's ID holds a secp256k1 key, and the message no other one. */
function isOfKnownKind({ from, key }: RPC.Message): boolean {
  if (from?.length !== AUTHOR_BYTES) return false;
  if (!AUTHOR_PREFIX.equals(from.subarray(0, AUTHOR_PREFIX.length))) return false;
  return key === undefined || Buffer.from(key).equals(from.subarray(KEY_PROTOBUF_AT));
}

/** @see go-libp2p-pubsub sign.go verifyMessageSignature */
function hashOf({ from, data, seqno, topic }: RPC.Message): Buffer {
  const unsigned = { topic, ...(from && { from }), ...(data && { data }), ...(seqno && { seqno }) };
  return createHash('sha256').update(SIGN_PREFIX).update(RPC.Message.encode(unsigned)).digest();
}

/** What validators get. Of the author only the ID's text is made, and of the key nothing: nobody here asks for more. */
function signedMessage(
  { topic, data }: RPC.Message,
  from: Uint8Array,
  seqno: Uint8Array,
  signature: Uint8Array,
): SignedMessage {
  const author: Pick<Libp2pPeerId, 'toString'> = { toString: () => peerIdOf(from) };
  return {
    type: 'signed',
    topic,
    from: author as Libp2pPeerId,
    data: data ?? new Uint8Array(0),
    sequenceNumber: Buffer.from(seqno).readBigUInt64BE(),
    signature,
    key: undefined as never,
  };
}
