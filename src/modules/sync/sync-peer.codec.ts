import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { EmptySchema } from '@bufbuild/protobuf/wkt';
import { BlockSchema, GetBlocksRequestSchema, SyncPeerStatusSchema } from '../../gen/v1/syncer_pb.js';

/** Tag of `bytes block = 1`. */
const BLOCK_TAG = 0x0a;

/** A message of a GetBlocks stream, as handlers give it. */
export interface BlockMessage {
  readonly block: Uint8Array;
}

/** `v1.Block`; one allocation and one copy, because a sync carries millions. */
export function encodeBlock({ block }: BlockMessage): Uint8Array {
  if (block.length === 0) return new Uint8Array();
  const lengthBytes = Math.ceil((32 - Math.clz32(block.length)) / 7);
  const message = Buffer.allocUnsafe(1 + lengthBytes + block.length);
  message[0] = BLOCK_TAG;
  let rest = block.length;
  for (let at = 1; at <= lengthBytes; at++) {
    message[at] = (rest & 0x7f) | (at === lengthBytes ? 0 : 0x80);
    rest >>>= 7;
  }
  message.set(block, 1 + lengthBytes);
  return message;
}

/**
 * The block of a `v1.Block`, as a part of `message`: nothing is copied. Throws on undecodable bytes.
 * Every sender writes the one field and nothing else; any other form goes through the generated code.
 */
export function decodeBlock(message: Uint8Array): Uint8Array {
  if (message[0] === BLOCK_TAG) {
    let length = 0;
    // Four length bytes reach 256 MiB, more than any message may have.
    for (let at = 1; at <= 4; at++) {
      const byte = message[at] ?? 0;
      length |= (byte & 0x7f) << (7 * (at - 1));
      if (byte < 0x80) {
        if (at + 1 + length === message.length) return message.subarray(at + 1);
        break;
      }
    }
  }
  return fromBinary(BlockSchema, message, { readUnknownFields: false }).block;
}

/** `v1.SyncPeerStatus`. */
export function encodeStatus(number: bigint): Uint8Array {
  return toBinary(SyncPeerStatusSchema, create(SyncPeerStatusSchema, { number }));
}

/** The claimed height, the whole range of uint64. Throws on undecodable bytes. */
export function decodeStatus(message: Uint8Array): bigint {
  return fromBinary(SyncPeerStatusSchema, message, { readUnknownFields: false }).number;
}

/** `v1.GetBlocksRequest`. */
export function encodeGetBlocks(from: number): Uint8Array {
  return toBinary(GetBlocksRequestSchema, create(GetBlocksRequestSchema, { from: BigInt(from) }));
}

/** `google.protobuf.Empty`. */
export function encodeEmpty(): Uint8Array {
  return toBinary(EmptySchema, create(EmptySchema));
}
