import { concatBytes } from '../../../src/common/bytes.js';
import {
  committedSealDigest,
  proposalHash,
  proposerSealDigest,
} from '../../../src/modules/blockchain/consensus/ibft/seal-digests.js';
import { signRecoverable } from '../../../src/modules/blockchain/crypto/secp256k1.js';
import { secret } from '../chain-builder/index.js';
import {
  BAD_EXTRA,
  badSeal,
  bigOf,
  bytesAt,
  flipped,
  IBFT_KINDS,
  type Item,
  type Items,
  listAt,
  type Mutation,
  on,
  type Refusal,
  type Target,
  uintBytes,
} from './mutation.js';

/** Of secp256k1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const PROPOSER_SEAL = 1;
const COMMITTED = 2;
const stranger = secret('stranger');

const PROPOSER = badSeal('ibft.proposer-seal');
const OTHER_PROPOSER = badSeal('ibft.proposer-member');
const FORM = badSeal('ibft.seal-form');
const MEMBER = badSeal('ibft.committed-member');
const SIGNATURE = badSeal('ibft.committed-signature');
const REPEATED = badSeal('ibft.committed-repeated');
const QUORUM = badSeal('ibft.committed-quorum');
const EMPTY = badSeal('ibft.committed-empty');

type Refused = Refusal | readonly Refusal[];

const proposer = (
  name: string,
  refusal: Refused,
  change: (seal: Uint8Array, target: Target) => Uint8Array | undefined,
): Mutation => ({
  name: `proposer seal: ${name}`,
  refused: on(IBFT_KINDS, refusal),
  mutate: (target) =>
    target.withExtra((items) => {
      const seal = change(bytesAt(items, PROPOSER_SEAL), target);
      return seal !== undefined && items.splice(PROPOSER_SEAL, 1, seal);
    }),
});

/** Changes the list of ECDSA seals in place. */
const seals = (
  name: string,
  refusal: Refused,
  change: (seals: Items, target: Target) => unknown,
): Mutation => ({
  name: `committed seals: ${name}`,
  refused: { 'poa-ecdsa': refusal },
  mutate: (target) => target.withExtra((items) => change(listAt(items, COMMITTED), target)),
});

/** Gives another item for the aggregated seal. */
const aggregate = (
  name: string,
  refusal: Refused,
  change: (bitmap: Uint8Array, signature: Uint8Array, target: Target) => Item | undefined,
): Mutation => ({
  name: `aggregate: ${name}`,
  refused: on(['poa-bls', 'pos'], refusal),
  mutate: (target) =>
    target.withExtra((items) => {
      const item = change(bytesAt(items, COMMITTED, 0), bytesAt(items, COMMITTED, 1), target);
      return item !== undefined && items.splice(COMMITTED, 1, item);
    }),
});

/** The same signature with s in the upper half. */
function otherHalf(seal: Uint8Array): Uint8Array {
  const s = uintBytes(ORDER - bigOf(seal.subarray(32, 64)), 32);
  return concatBytes([seal.subarray(0, 32), s, Uint8Array.of(1 - (seal[64] ?? 0))]);
}

const replaceFirst = (list: Items, change: (seal: Uint8Array) => Uint8Array) =>
  list.splice(0, 1, change(bytesAt(list, 0)));

const byStranger = ({ chain, number, extra: { round } }: Target) =>
  signRecoverable(committedSealDigest(proposalHash(chain.hashAt(number), round)), stranger);

const allOf = ({ extra: { validators } }: Target) => (1n << BigInt(validators.length)) - 1n;

const PROPOSER_SEALS: readonly Mutation[] = [
  proposer('a bit of r turned', [OTHER_PROPOSER, PROPOSER], (seal) => flipped(seal, 5)),
  proposer('a bit of s turned', OTHER_PROPOSER, (seal) => flipped(seal, 40)),
  proposer('the other v', OTHER_PROPOSER, (seal) => flipped(seal)),
  proposer('none', PROPOSER, () => new Uint8Array()),
  proposer('64 bytes', PROPOSER, (seal) => seal.subarray(0, 64)),
  proposer('66 bytes', PROPOSER, (seal) => concatBytes([seal, Uint8Array.of(0)])),
  proposer('zeros', PROPOSER, () => new Uint8Array(65)),
  proposer('r above the order', PROPOSER, (seal) =>
    concatBytes([new Uint8Array(32).fill(0xff), seal.subarray(32)]),
  ),
  proposer("the parent's", OTHER_PROPOSER, (_, target) =>
    target.number > 1 ? target.extraAt(target.number - 1).proposerSeal : undefined,
  ),
  proposer("a stranger's", OTHER_PROPOSER, (_, { chain, number }) =>
    signRecoverable(proposerSealDigest(chain.hashAt(number)), stranger),
  ),
  proposer('s of the upper half', FORM, otherHalf),
  proposer('a v of 27 or 28', FORM, (seal) => seal.with(64, 27 + (seal[64] ?? 0))),
  {
    name: 'proposer seal: a committed one',
    refused: { 'poa-ecdsa': OTHER_PROPOSER },
    mutate: (target) =>
      target.withExtra((items) => items.splice(PROPOSER_SEAL, 1, bytesAt(items, COMMITTED, 0))),
  },
  {
    name: 'proposer seal: a list',
    refused: on(IBFT_KINDS, BAD_EXTRA),
    mutate: (target) => target.withExtra((items) => items.splice(PROPOSER_SEAL, 1, [])),
  },
];

const COMMITTED_SEALS: readonly Mutation[] = [
  seals('a bit of r turned', [SIGNATURE, MEMBER], (list) => replaceFirst(list, (seal) => flipped(seal, 5))),
  seals('a bit of s turned', MEMBER, (list) => replaceFirst(list, (seal) => flipped(seal, 40))),
  seals('the other v', MEMBER, (list) => replaceFirst(list, (seal) => flipped(seal))),
  seals('one twice', REPEATED, (list) => list.push(bytesAt(list, 0))),
  seals('one in place of another', REPEATED, (list) => list.splice(1, 1, bytesAt(list, 0))),
  seals('two, below the quorum', QUORUM, (list) => list.splice(2)),
  seals('one, below the quorum', QUORUM, (list) => list.splice(1)),
  seals('an empty one', SIGNATURE, (list) => list.push(new Uint8Array())),
  seals('zeros', SIGNATURE, (list) => replaceFirst(list, () => new Uint8Array(65))),
  seals('64 bytes', SIGNATURE, (list) => replaceFirst(list, (seal) => seal.subarray(0, 64))),
  seals('a list', BAD_EXTRA, (list) => list.push([])),
  seals("a stranger's as well", MEMBER, (list, target) => list.push(byStranger(target))),
  seals("a stranger's in place of another", MEMBER, (list, target) =>
    replaceFirst(list, () => byStranger(target)),
  ),
  seals('s of the upper half', FORM, (list) => replaceFirst(list, otherHalf)),
  seals('one more in its other form', FORM, (list) => list.push(otherHalf(bytesAt(list, 0)))),
  seals('a v of 27', FORM, (list) => {
    const at = list.findIndex((seal) => (seal as Uint8Array)[64] === 0);
    return at >= 0 && list.splice(at, 1, bytesAt(list, at).with(64, 27));
  }),
  seals("the proposer's seal of the block", MEMBER, (list, target) =>
    replaceFirst(list, () => target.extra.proposerSeal),
  ),
  seals("one of the parent's", MEMBER, (list, target) => {
    const other = target.committedAt(target.number - 1);
    return other !== undefined && list.splice(0, 1, bytesAt(other, 0));
  }),
  seals("the parent's", MEMBER, (list, target) => {
    const other = target.committedAt(target.number - 1);
    return other !== undefined && list.splice(0, list.length, ...other);
  }),
  {
    name: 'committed seals: none',
    refused: on(IBFT_KINDS, EMPTY),
    mutate: (target) =>
      target.withExtra((items) =>
        items.splice(COMMITTED, 1, target.kind === 'poa-ecdsa' ? [] : [new Uint8Array(), new Uint8Array()]),
      ),
  },
  {
    name: 'committed seals: none, in the form of the other kind',
    refused: on(IBFT_KINDS, [EMPTY, BAD_EXTRA]),
    mutate: (target) =>
      target.withExtra((items) =>
        items.splice(COMMITTED, 1, target.kind === 'poa-ecdsa' ? [new Uint8Array(), new Uint8Array()] : []),
      ),
  },
  {
    name: 'committed seals: a string',
    refused: on(IBFT_KINDS, BAD_EXTRA),
    mutate: (target) => target.withExtra((items) => items.splice(COMMITTED, 1, Uint8Array.of(1))),
  },
];

const AGGREGATES: readonly Mutation[] = [
  aggregate('a bit turned', SIGNATURE, (bitmap, signature) => [bitmap, flipped(signature)]),
  aggregate('negated', SIGNATURE, (bitmap, signature) => [bitmap, flipped(signature, 0, 0x20)]),
  aggregate('named uncompressed', SIGNATURE, (bitmap, signature) => [bitmap, flipped(signature, 0, 0x80)]),
  aggregate('infinity', SIGNATURE, (bitmap) => [bitmap, new Uint8Array(96).with(0, 0xc0)]),
  aggregate('95 bytes', SIGNATURE, (bitmap, signature) => [bitmap, signature.subarray(0, 95)]),
  aggregate('97 bytes', SIGNATURE, (bitmap, signature) => [
    bitmap,
    concatBytes([signature, Uint8Array.of(0)]),
  ]),
  aggregate('no signature', SIGNATURE, (bitmap) => [bitmap, new Uint8Array()]),
  aggregate("the parent's signature", SIGNATURE, (bitmap, _, target) => {
    const other = target.committedAt(target.number - 1);
    return other && [bitmap, bytesAt(other, 1)];
  }),
  aggregate("the parent's", SIGNATURE, (_bitmap, _signature, target) =>
    target.committedAt(target.number - 1),
  ),
  aggregate('a signer more', SIGNATURE, (bitmap, signature, target) => {
    const missing = allOf(target) & ~bigOf(bitmap);
    return missing === 0n ? undefined : [uintBytes(bigOf(bitmap) | missing), signature];
  }),
  aggregate('a signer less', SIGNATURE, (bitmap, signature) => [
    uintBytes(bigOf(bitmap) & (bigOf(bitmap) - 1n)),
    signature,
  ]),
  aggregate('a signer beyond the set', MEMBER, (bitmap, signature, target) => [
    uintBytes(bigOf(bitmap) | (allOf(target) + 1n)),
    signature,
  ]),
  aggregate('a bitmap of many bytes', MEMBER, (bitmap, signature) => [
    concatBytes([new Uint8Array(32).fill(0xff), bitmap]),
    signature,
  ]),
  aggregate('a bitmap with a leading zero', BAD_EXTRA, (bitmap, signature) => [
    concatBytes([Uint8Array.of(0), bitmap]),
    signature,
  ]),
  aggregate('an empty bitmap', BAD_EXTRA, (_, signature) => [new Uint8Array(), signature]),
  aggregate('three items', BAD_EXTRA, (bitmap, signature) => [bitmap, signature, Uint8Array.of(1)]),
  aggregate('one item', BAD_EXTRA, (bitmap) => [bitmap]),
];

/** Seals of recorded blocks, which the hash does not cover, are others. */
export const IBFT_SEAL_MUTATIONS: readonly Mutation[] = [
  ...PROPOSER_SEALS,
  ...COMMITTED_SEALS,
  ...AGGREGATES,
];
