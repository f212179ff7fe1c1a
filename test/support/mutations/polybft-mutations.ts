import { concatBytes } from '../../../src/common/bytes.js';
import {
  BAD_EXTRA,
  badHeader,
  badSeal,
  bigOf,
  bytesAt,
  flipped,
  type Item,
  type Items,
  listAt,
  type Mutation,
  type Refusal,
  type Target,
  uintBytes,
} from './mutation.js';

/** Of the field of BN254. */
const PRIME = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;
const DELTA = 0;
const PARENT = 1;
const COMMITTED = 2;
const CHECKPOINT = 3;
const EPOCH = 1;
const CURRENT_HASH = 2;
const NEXT_HASH = 3;
const EVENT_ROOT = 4;

const AGGREGATE = badSeal('polybft.committed-aggregate');
const BITMAP = badSeal('polybft.committed-bitmap');
const SET_HASHES = badHeader('polybft.set-hashes');

const extra = (
  name: string,
  refused: Refusal | readonly Refusal[],
  change: (items: Items, target: Target) => unknown,
): Mutation => ({
  name,
  refused: { polybft: refused },
  mutate: (target) => target.withExtra((items) => change(items, target)),
});

const committed = (
  name: string,
  refused: Refusal | readonly Refusal[],
  change: (signature: Uint8Array, bitmap: Uint8Array, target: Target) => Item,
) =>
  extra(`committed signature: ${name}`, refused, (items, target) =>
    items.splice(COMMITTED, 1, change(bytesAt(items, COMMITTED, 0), bytesAt(items, COMMITTED, 1), target)),
  );

const parent = (name: string, refused: Refusal, change: (item: Items) => unknown) =>
  extra(
    `parent signature: ${name}`,
    refused,
    (items, { number }) => number > 1 && change(listAt(items, PARENT)),
  );

const checkpoint = (name: string, refused: Refusal, change: (fields: Items) => unknown) =>
  extra(`checkpoint: ${name}`, refused, (items) => change(listAt(items, CHECKPOINT)));

/** Changes the delta of a block that ends an epoch. */
const delta = (name: string, refused: Refusal, change: (items: Items, delta: Items) => unknown) =>
  extra(`delta: ${name}`, refused, (items) => {
    const item = listAt(items, DELTA);
    return item.length > 0 && change(items, item);
  });

const account = (): Items => [
  new Uint8Array(20).fill(1),
  new Uint8Array(128).fill(1),
  Uint8Array.of(1),
  Uint8Array.of(1),
];

const flipAt = (fields: Items, index: number) => fields.splice(index, 1, flipped(bytesAt(fields, index)));

/** An extra of PolyBFT is another. */
export const POLYBFT_MUTATIONS: readonly Mutation[] = [
  committed('a bit turned', AGGREGATE, (signature, bitmap) => [flipped(signature), bitmap]),
  committed('negated', AGGREGATE, (signature, bitmap) => [
    concatBytes([signature.subarray(0, 32), uintBytes(PRIME - bigOf(signature.subarray(32)), 32)]),
    bitmap,
  ]),
  committed('x above the prime', AGGREGATE, (signature, bitmap) => [
    concatBytes([uintBytes(PRIME + bigOf(signature.subarray(0, 32)), 32), signature.subarray(32)]),
    bitmap,
  ]),
  committed('infinity', AGGREGATE, (_, bitmap) => [new Uint8Array(64), bitmap]),
  committed('63 bytes', AGGREGATE, (signature, bitmap) => [signature.subarray(0, 63), bitmap]),
  committed('65 bytes', AGGREGATE, (signature, bitmap) => [
    concatBytes([signature, Uint8Array.of(0)]),
    bitmap,
  ]),
  committed('no bytes', AGGREGATE, (_, bitmap) => [new Uint8Array(), bitmap]),
  extra(
    'committed signature: of the parent',
    [AGGREGATE, BITMAP],
    (items, { number }) => number > 1 && items.splice(COMMITTED, 1, listAt(items, PARENT)),
  ),
  extra('committed signature: absent', badSeal('polybft.committed-missing'), (items) =>
    items.splice(COMMITTED, 1, []),
  ),
  committed('a list in it', BAD_EXTRA, (signature) => [signature, []]),
  committed('three items', BAD_EXTRA, (signature, bitmap) => [signature, bitmap, Uint8Array.of(1)]),
  committed('a signer less', [AGGREGATE, badSeal('polybft.committed-quorum')], (signature, bitmap) => [
    signature,
    bitmap.with(0, (bitmap[0] ?? 0) & ((bitmap[0] ?? 0) - 1)),
  ]),
  committed('one signer', badSeal('polybft.committed-quorum'), (signature) => [signature, Uint8Array.of(1)]),
  committed('no signers', badSeal('polybft.committed-quorum'), (signature) => [signature, new Uint8Array()]),
  committed('a signer beyond the set', BITMAP, (signature, bitmap) => [
    signature,
    bitmap.with(0, (bitmap[0] ?? 0) | 0x80),
  ]),
  committed('a bitmap of many bytes', BITMAP, (signature, bitmap) => [
    signature,
    concatBytes([bitmap, new Uint8Array(32).fill(0xff)]),
  ]),
  committed('a bitmap with a zero behind', BITMAP, (signature, bitmap) => [
    signature,
    concatBytes([bitmap, Uint8Array.of(0)]),
  ]),

  parent('a bit turned', AGGREGATE, (item) => flipAt(item, 0)),
  parent('a bit of the bitmap turned', AGGREGATE, (item) => flipAt(item, 1)),
  parent('absent', badSeal('polybft.parent-missing'), (item) => item.splice(0)),

  extra('checkpoint: absent', badHeader('polybft.checkpoint'), (items) => items.splice(CHECKPOINT, 1, [])),
  checkpoint('the round one more', AGGREGATE, (fields) => fields.splice(0, 1, Uint8Array.of(1))),
  checkpoint('the epoch two more', badHeader('polybft.epoch'), (fields) =>
    fields.splice(EPOCH, 1, uintBytes(bigOf(bytesAt(fields, EPOCH)) + 2n)),
  ),
  checkpoint('the epoch two less', badHeader('polybft.epoch'), (fields) => {
    const epoch = bigOf(bytesAt(fields, EPOCH));
    return epoch > 1n && fields.splice(EPOCH, 1, uintBytes(epoch - 2n));
  }),
  checkpoint('currentValidatorsHash with a bit turned', AGGREGATE, (fields) => flipAt(fields, CURRENT_HASH)),
  checkpoint('nextValidatorsHash with a bit turned', AGGREGATE, (fields) => flipAt(fields, NEXT_HASH)),
  checkpoint('currentValidatorsHash of zeros', SET_HASHES, (fields) =>
    fields.splice(CURRENT_HASH, 1, new Uint8Array(32)),
  ),
  checkpoint('nextValidatorsHash of zeros', SET_HASHES, (fields) =>
    fields.splice(NEXT_HASH, 1, new Uint8Array(32)),
  ),
  checkpoint('eventRoot with a bit turned', AGGREGATE, (fields) => flipAt(fields, EVENT_ROOT)),
  checkpoint('a hash of 31 bytes', BAD_EXTRA, (fields) => fields.splice(EVENT_ROOT, 1, new Uint8Array(31))),
  checkpoint('a round with a leading zero', BAD_EXTRA, (fields) => fields.splice(0, 1, Uint8Array.of(0, 1))),
  checkpoint('an item more', BAD_EXTRA, (fields) => fields.push(Uint8Array.of(1))),

  delta('absent', AGGREGATE, (items) => items.splice(DELTA, 1, [])),
  delta('a validator more', AGGREGATE, (_, item) => listAt(item, 0).push(account())),
  delta('a validator removed', AGGREGATE, (_, item) =>
    item.splice(2, 1, flipped(Uint8Array.of(...bytesAt(item, 2), 0), 0)),
  ),
  delta('a validator changed', AGGREGATE, (_, item) => listAt(item, 1).push(account())),
  delta('two items', BAD_EXTRA, (_, item) => item.pop()),
  delta('a key of 127 bytes', BAD_EXTRA, (_, item) =>
    listAt(item, 0).push([...account().slice(0, 1), new Uint8Array(127), ...account().slice(2)]),
  ),
  extra(
    'delta: one where there is none',
    AGGREGATE,
    (items) => listAt(items, DELTA).length === 0 && items.splice(DELTA, 1, [[], [], Uint8Array.of(1)]),
  ),
  extra('an extra of three items', BAD_EXTRA, (items) => items.pop()),
];
