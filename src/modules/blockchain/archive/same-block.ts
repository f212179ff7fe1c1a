import { bytesEqual } from '../../../common/bytes.js';
import { decodeBlock } from '../codec/block.codec.js';
import { encodeHeader } from '../codec/header.codec.js';

/**
 * Whether two copies are of one block. Their extra data is left out: nodes keep different seals of a block.
 * @throws {BlockchainError} BLOCKCHAIN.UNDECODABLE | BLOCKCHAIN.NOT_CANONICAL
 */
export function isSameBlock(a: Uint8Array, b: Uint8Array): boolean {
  return bytesEqual(unsealedHeader(a), unsealedHeader(b));
}

const unsealedHeader = (raw: Uint8Array) =>
  encodeHeader({ ...decodeBlock(raw).header, extraData: new Uint8Array() });
