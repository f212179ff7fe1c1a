import { RPC } from '@libp2p/gossipsub/message';
import { hasUnknownFields } from './gossip-envelope.js';

const SEQUENCE_NUMBER_BYTES = 8;
/** Identity multihashes of the protobuf of a key: secp256k1 with 33 bytes, Ed25519 with 32. */
const INLINE_KEYS = [
  { prefix: Buffer.from('002508021221', 'hex'), bytes: 39 },
  { prefix: Buffer.from('002408011220', 'hex'), bytes: 38 },
];
/** Longest key that a message can carry; the key of an author as above is in its ID anyway. */
const MAX_KEY_BYTES = 128;
/** A signature of secp256k1 is DER: a sequence, the length of the rest, two integers. */
const DER_SEQUENCE = 0x30;
const DER_INTEGER = 0x02;
const DER_HEADER_BYTES = 2;

/**
 * A message that can be judged here: who forwards it with a wrong signature is at fault.
 *
 * Go peers relay more than the library can verify, such as other sequence numbers or fields that we do not know, and
 * an author may make such messages to have honest neighbours blamed. So those are dropped and nobody is.
 * Authors with RSA and ECDSA keys are not heard either, since to verify those is slow; Edge nodes have none.
 */
export function isJudgeable(bytes: Uint8Array, message: RPC.Message): boolean {
  const { from, seqno, signature, key } = message;
  if (from === undefined || seqno?.length !== SEQUENCE_NUMBER_BYTES) return false;
  if (!INLINE_KEYS.some(({ prefix, bytes: length }) => from.length === length && startsWith(from, prefix))) {
    return false;
  }
  if (key !== undefined && key.length > MAX_KEY_BYTES) return false;
  return !hasMoreThanDer(signature) && !hasUnknownFields(bytes);
}

/** Older Go peers take signatures with something behind them. @see btcec ecdsa.ParseDERSignature */
function hasMoreThanDer(signature: Uint8Array | undefined): boolean {
  const [sequence, length = 0, integer] = signature ?? [];
  const isDer = sequence === DER_SEQUENCE && integer === DER_INTEGER;
  return isDer && signature !== undefined && signature.length > DER_HEADER_BYTES + length;
}

/** The same message in memory of its own: what is kept of it must not keep the RPC that it came in. */
export function copied(bytes: Uint8Array): RPC.Message {
  return RPC.Message.decode(new Uint8Array(bytes));
}

/** The ID of a message as the library's tables have it, before it is known to be one. @see go-libp2p-pubsub pubsub.go pushMsg */
export function rawMessageId(from: Uint8Array | undefined, sequenceNumber: Uint8Array | undefined): string {
  return messageIdText(Buffer.concat([from ?? Buffer.alloc(0), sequenceNumber ?? Buffer.alloc(0)]));
}

/** How the library's tables name a message: a character for each byte, which is short and quick to make. */
export function messageIdText(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1');
}

function startsWith(bytes: Uint8Array, prefix: Buffer): boolean {
  return prefix.equals(bytes.subarray(0, prefix.length));
}
