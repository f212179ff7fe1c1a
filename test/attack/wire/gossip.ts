import { bytesField, lengthPrefixed, numberField } from './encoding.js';
import type { Identity } from './identity.js';

/** RPCs of gossipsub as they stand on a stream, with their length. */
export function rpc(...parts: Buffer[]): Buffer {
  return lengthPrefixed(Buffer.concat(parts));
}

export function subscription(topic: string): Buffer {
  return bytesField(1, Buffer.concat([numberField(1, 1), bytesField(2, topic)]));
}

export function control(...parts: Buffer[]): Buffer {
  return bytesField(3, Buffer.concat(parts));
}

export interface MessageParts {
  readonly from: Buffer;
  readonly data: Buffer;
  readonly seqno: Buffer;
  readonly topic: string;
  readonly key?: Buffer;
}

/** A message in an RPC, signed by whoever it is. */
export function publication({ from, data, seqno, topic, key }: MessageParts, sign: Identity['sign']): Buffer {
  const unsigned = Buffer.concat([
    bytesField(1, from),
    bytesField(2, data),
    bytesField(3, seqno),
    bytesField(4, topic),
  ]);
  const signature = sign(Buffer.concat([Buffer.from('libp2p-pubsub:'), unsigned]));
  return bytesField(
    2,
    Buffer.concat([unsigned, bytesField(5, signature), ...(key ? [bytesField(6, key)] : [])]),
  );
}

let lastSequence = 0n;

/** Eight bytes, each time others. */
export function sequenceNumber(): Buffer {
  const bytes = Buffer.alloc(8);
  lastSequence += 1n;
  bytes.writeBigUInt64BE(lastSequence);
  return bytes;
}
