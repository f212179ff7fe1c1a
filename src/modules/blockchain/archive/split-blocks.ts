import { BlockchainError } from '../blockchain.errors.js';
import { itemLength, RlpError, readRlp } from '../rlp/rlp.js';

const FIRST_LIST_PREFIX = 0xc0;

/**
 * Blocks that stand one after another, as the operator service and our archives have them. Each is a copy; nothing but
 * their lengths is looked at.
 * @throws {BlockchainError} BLOCKCHAIN.UNDECODABLE when there is anything else between them
 */
export function splitBlocks(bytes: Uint8Array): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = start + readRlp(() => listLength(bytes, start), undecodable);
    blocks.push(bytes.slice(start, end));
    start = end;
  }
  return blocks;
}

function listLength(bytes: Uint8Array, start: number): number {
  const length = itemLength(bytes, start);
  if (length === undefined) throw new RlpError('malformed', 'the bytes end inside of a block');
  if ((bytes[start] ?? 0) < FIRST_LIST_PREFIX)
    throw new RlpError('malformed', 'expected array but got bytes');
  return length;
}

function undecodable(cause: RlpError): BlockchainError {
  return new BlockchainError({ code: 'BLOCKCHAIN.UNDECODABLE', reason: cause.message }, cause);
}
