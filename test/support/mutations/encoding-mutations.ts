import { RLP } from '@ethereumjs/rlp';
import { concatBytes } from '../../../src/common/bytes.js';
import { MAX_BLOCK_BYTES } from '../verified-chain.js';
import {
  ALL_KINDS,
  BAD_EXTRA,
  bytesAt,
  type Items,
  listAt,
  type Mutation,
  NOT_CANONICAL,
  OTHER_HASH,
  on,
  type Refusal,
  SEALED_KINDS,
  type Target,
  UNDECODABLE,
} from './mutation.js';

const HEADER = 0;
const GAS_LIMIT = 9;
const NONCE = 14;

const raw = (name: string, refusal: Refusal, mutate: (target: Target) => Uint8Array): Mutation => ({
  name,
  refused: on(ALL_KINDS, refusal),
  mutate,
});

const items = (name: string, refusal: Refusal, change: (items: Items) => unknown): Mutation => ({
  name,
  refused: on(ALL_KINDS, refusal),
  mutate: (target) => target.withItems(change),
});

const extra = (name: string, change: (extraData: Uint8Array) => Uint8Array): Mutation => ({
  name,
  refused: on(SEALED_KINDS, BAD_EXTRA),
  mutate: (target) => target.withHeader({ extraData: change(target.header.extraData) }),
});

const cut = (bytes: Uint8Array, by: number) => bytes.subarray(0, bytes.length - by);

/** A list with one byte of length more than its shortest form has. */
function longForm(list: Uint8Array): Uint8Array {
  const lengthBytes = (list[0] ?? 0) - 0xf7;
  return concatBytes([Uint8Array.of(0xf8 + lengthBytes, 0), list.subarray(1)]);
}

/** The bytes are not those that an encoder writes. */
export const ENCODING_MUTATIONS: readonly Mutation[] = [
  raw('no bytes', UNDECODABLE, () => new Uint8Array()),
  raw('the last byte cut off', UNDECODABLE, (target) => cut(target.raw, 1)),
  raw('half of the block', UNDECODABLE, (target) => cut(target.raw, target.raw.length >> 1)),
  raw('its first byte only', UNDECODABLE, (target) => target.raw.subarray(0, 1)),
  raw('a byte behind the block', NOT_CANONICAL, (target) => concatBytes([target.raw, Uint8Array.of(0)])),
  raw('the block twice in one', NOT_CANONICAL, (target) => concatBytes([target.raw, target.raw])),
  raw('a length with a leading zero', NOT_CANONICAL, (target) => longForm(target.raw)),
  raw('more bytes than allowed', { code: 'BLOCKCHAIN.TOO_LARGE' }, (target) =>
    concatBytes([target.raw, new Uint8Array(MAX_BLOCK_BYTES)]),
  ),
  raw('a string in place of the block', UNDECODABLE, (target) => RLP.encode(target.raw)),
  items('a fourth item', NOT_CANONICAL, (block) => block.push([])),
  items('no list of uncles', UNDECODABLE, (block) => block.pop()),
  items('a header that is a string', UNDECODABLE, (block) => block.splice(HEADER, 1, Uint8Array.of(1))),
  items('transactions that are a string', UNDECODABLE, (block) => block.splice(1, 1, Uint8Array.of(1))),
  items('a 17th item of the header', NOT_CANONICAL, (block) => listAt(block, HEADER).push(Uint8Array.of(1))),
  items('a header without base fee', NOT_CANONICAL, (block) => listAt(block, HEADER).pop()),
  items('a header without nonce and base fee', UNDECODABLE, (block) => listAt(block, HEADER).splice(NONCE)),
  items('a parent hash of 31 bytes', UNDECODABLE, (block) =>
    listAt(block, HEADER).splice(0, 1, cut(bytesAt(block, HEADER, 0), 1)),
  ),
  items('a bloom of 255 bytes', UNDECODABLE, (block) =>
    listAt(block, HEADER).splice(6, 1, new Uint8Array(255)),
  ),
  items('a nonce of 7 bytes', NOT_CANONICAL, (block) =>
    listAt(block, HEADER).splice(NONCE, 1, cut(bytesAt(block, HEADER, NONCE), 1)),
  ),
  items('a gas limit with a leading zero', NOT_CANONICAL, (block) =>
    listAt(block, HEADER).splice(
      GAS_LIMIT,
      1,
      concatBytes([Uint8Array.of(0), bytesAt(block, HEADER, GAS_LIMIT)]),
    ),
  ),
  items('a base fee of one zero byte', NOT_CANONICAL, (block) =>
    listAt(block, HEADER).splice(15, 1, Uint8Array.of(0)),
  ),
  items('a gas limit of 9 bytes', UNDECODABLE, (block) =>
    listAt(block, HEADER).splice(GAS_LIMIT, 1, new Uint8Array(9).fill(1)),
  ),
  extra('extra data shorter than its vanity', (data) => data.subarray(0, 31)),
  extra('extra data of a vanity only', (data) => data.subarray(0, 32)),
  extra('extra data with its last byte cut off', (data) => cut(data, 1)),
  extra('extra data with bytes behind the list', (data) => concatBytes([data, Uint8Array.of(0)])),
  extra('extra data whose list has a longer length than needed', (data) =>
    concatBytes([data.subarray(0, 32), longForm(data.subarray(32))]),
  ),
  {
    name: 'one more item of the extra data',
    refused: on(SEALED_KINDS, BAD_EXTRA),
    mutate: (target) => target.withExtra((list) => list.push(Uint8Array.of(1))),
  },
  {
    name: 'an extra where there is none',
    refused: { plain: OTHER_HASH.plain },
    mutate: (target) => target.withHeader({ extraData: Uint8Array.of(1) }),
  },
];
