import { concatBytes } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import type { Header } from '../ports/types.js';
import { encodeBytes, encodeList, encodeUint, RlpError, RlpReader, readRlp } from '../rlp/rlp.js';

const HASH_BYTES = 32;
const BLOOM_BYTES = 256;
const NONCE_BYTES = 8;
/** Position of the extra among the items. */
const EXTRA_INDEX = 12;

/** RLP of the items before the extra, for headers as they were decoded; a changed copy of one has none. */
const itemsBeforeExtra = new WeakMap<Header, Uint8Array>();

/** The first 12 items as RLP, one after another: what hashes of IBFT cover besides the extra. */
export function encodedBeforeExtra(header: Header): Uint8Array {
  return itemsBeforeExtra.get(header) ?? concatBytes(headerItems(header).slice(0, EXTRA_INDEX));
}

/**
 * The header that a reader stands before.
 * @throws {RlpError} also where Go decodes but would encode otherwise: 15 items, more than 16, a short nonce
 * @see polygon-edge@597a0f3 types/rlp_unmarshal.go Header.unmarshalRLPFrom
 */
export function readHeader(outer: RlpReader): Header {
  const items = outer.readList();
  const start = items.offset;
  const before = {
    parentHash: items.readFixed(HASH_BYTES),
    sha3Uncles: items.readFixed(HASH_BYTES),
    miner: items.readBytes(),
    stateRoot: items.readFixed(HASH_BYTES),
    txRoot: items.readFixed(HASH_BYTES),
    receiptsRoot: items.readFixed(HASH_BYTES),
    logsBloom: items.readFixed(BLOOM_BYTES),
    difficulty: items.readUint64(),
    number: items.readSafeUint(),
    gasLimit: items.readUint64(),
    gasUsed: items.readUint64(),
    timestamp: items.readUint64(),
  };
  const encoded = items.since(start);
  const header = {
    ...before,
    extraData: items.readBytes(),
    mixHash: items.readFixed(HASH_BYTES),
    nonce: items.readBytes(),
  };
  if (header.nonce.length > NONCE_BYTES) throw new RlpError('malformed', 'nonce longer than 8 bytes');
  if (header.nonce.length < NONCE_BYTES) throw new RlpError('not canonical', 'nonce shorter than 8 bytes');
  if (items.isAtEnd) throw new RlpError('not canonical', 'header without base fee');
  const baseFee = items.readUint64();
  items.expectEnd('header');
  const decoded = { ...header, baseFee };
  itemsBeforeExtra.set(decoded, encoded);
  return decoded;
}

/**
 * A header by itself, as stored.
 * @throws {BlockchainError} BLOCKCHAIN.UNDECODABLE
 */
export function decodeHeader(rlp: Uint8Array): Header {
  const read = () => {
    const reader = new RlpReader(rlp);
    const header = readHeader(reader);
    reader.expectEnd('header');
    return header;
  };
  return readRlp(
    read,
    (cause) => new BlockchainError({ code: 'BLOCKCHAIN.UNDECODABLE', reason: cause.message }, cause),
  );
}

/** The 16 items, as RLP each; the first 13 are what IBFT hashes. */
function headerItems(header: Header): Uint8Array[] {
  return [
    encodeBytes(header.parentHash),
    encodeBytes(header.sha3Uncles),
    encodeBytes(header.miner),
    encodeBytes(header.stateRoot),
    encodeBytes(header.txRoot),
    encodeBytes(header.receiptsRoot),
    encodeBytes(header.logsBloom),
    encodeUint(header.difficulty),
    encodeUint(header.number),
    encodeUint(header.gasLimit),
    encodeUint(header.gasUsed),
    encodeUint(header.timestamp),
    encodeBytes(header.extraData),
    encodeBytes(header.mixHash),
    encodeBytes(header.nonce),
    encodeUint(header.baseFee),
  ];
}

/** Always 16 items, base fee 0 included. @see polygon-edge@597a0f3 types/rlp_marshal.go Header.MarshalRLPWith */
export function encodeHeader(header: Header): Uint8Array {
  return encodeList(headerItems(header));
}
