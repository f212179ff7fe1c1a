import { isEmptySeals } from '../../../src/modules/blockchain/consensus/ibft/extra.js';
import {
  BAD_EXTRA,
  badSeal,
  bytesAt,
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

const VALIDATORS = 0;
const COMMITTED = 2;
const PARENT_SEALS = 3;
const ROUND = 4;

const OTHER_HASH = badSeal('ibft.proposer-member');
/** Committed seals are over the hash and the round. */
const OTHER_ROUND = {
  'poa-ecdsa': badSeal('ibft.committed-member'),
  ...on(['poa-bls', 'pos'], badSeal('ibft.committed-signature')),
};

const extra = (
  name: string,
  refused: Mutation['refused'],
  change: (items: Items, target: Target) => unknown,
): Mutation => ({ name, refused, mutate: (target) => target.withExtra((items) => change(items, target)) });

const round = (name: string, refused: Mutation['refused'], change: (round: bigint) => Uint8Array) =>
  extra(
    `round: ${name}`,
    refused,
    (items, target) => target.extra.round !== undefined && items.splice(ROUND, 1, change(target.extra.round)),
  );

const parentSeals = (name: string, refusal: Refusal, change: (items: Items, target: Target) => Item) =>
  extra(
    `parent seals: ${name}`,
    on(IBFT_KINDS, refusal),
    (items, target) =>
      !isEmptySeals(target.extra.parentSeals) && items.splice(PARENT_SEALS, 1, change(items, target)),
  );

const validators = (name: string, refusal: Refusal, change: (list: Items, target: Target) => unknown) =>
  extra(`validators: ${name}`, on(IBFT_KINDS, refusal), (items, target) =>
    change(listAt(items, VALIDATORS), target),
  );

const isEcdsa = (target: Target, number: number) => target.kindAt(number) === 'poa-ecdsa';
const EMPTY_AGGREGATE = [new Uint8Array(), new Uint8Array()];

/** What else an IBFT extra holds is another. */
export const IBFT_EXTRA_MUTATIONS: readonly Mutation[] = [
  round('one more', OTHER_ROUND, (value) => uintBytes(value + 1n, 8)),
  round('the largest', OTHER_ROUND, () => new Uint8Array(8).fill(0xff)),
  round('empty', OTHER_ROUND, () => new Uint8Array()),
  round('7 bytes', on(IBFT_KINDS, BAD_EXTRA), () => new Uint8Array(7).fill(1)),
  round('9 bytes', on(IBFT_KINDS, BAD_EXTRA), () => new Uint8Array(9).fill(1)),
  extra(
    'round: no item',
    OTHER_ROUND,
    (items, { extra: { round } }) => round !== undefined && items.splice(ROUND),
  ),
  extra('an extra of two items', on(IBFT_KINDS, BAD_EXTRA), (items) => items.splice(2)),

  parentSeals('none', OTHER_HASH, (_, target) => (isEcdsa(target, target.number - 1) ? [] : EMPTY_AGGREGATE)),
  parentSeals('none, in the form of the other kind', BAD_EXTRA, (_, target) =>
    isEcdsa(target, target.number - 1) ? EMPTY_AGGREGATE : [],
  ),
  parentSeals("the block's own", OTHER_HASH, (items, target) =>
    target.kindAt(target.number - 1) === target.kind
      ? listAt(items, COMMITTED)
      : listAt(items, PARENT_SEALS).toReversed(),
  ),
  parentSeals('a string', BAD_EXTRA, () => Uint8Array.of(1)),
  extra(
    'parent seals: some in block 1',
    on(IBFT_KINDS, BAD_EXTRA),
    (items, { number }) => number === 1 && items.splice(PARENT_SEALS, 1, listAt(items, COMMITTED)),
  ),

  validators('one less', OTHER_HASH, (list) => list.pop()),
  validators('one twice', OTHER_HASH, (list) => list.push(list[0] as Item)),
  validators('in another order', OTHER_HASH, (list) => list.reverse()),
  validators('none', OTHER_HASH, (list) => list.splice(0)),
  validators('one of the other kind', BAD_EXTRA, (list, target) =>
    list.splice(
      0,
      1,
      isEcdsa(target, target.number) ? [bytesAt(list, 0), new Uint8Array(48)] : bytesAt(list, 0, 0),
    ),
  ),
  validators('one of 19 bytes', BAD_EXTRA, (list, target) => {
    const short = new Uint8Array(19);
    return isEcdsa(target, target.number) ? list.splice(0, 1, short) : listAt(list, 0).splice(0, 1, short);
  }),
];
