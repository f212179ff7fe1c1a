import { RLP } from '@ethereumjs/rlp';
import { keccak256 } from '../../../src/modules/blockchain/crypto/keccak.js';
import {
  ALL_KINDS,
  badBody,
  badHeader,
  flipped,
  IBFT_KINDS,
  type Items,
  type Kind,
  listAt,
  type Mutation,
  NOT_CANONICAL,
  OTHER_HASH,
  on,
  type Refusal,
  type Target,
  UNDECODABLE,
  unknownParent,
} from './mutation.js';

const TRANSACTIONS = 1;
const UNCLES = 2;
const NONCE = 0;
/** Access list of a dynamic fee transaction. */
const ACCESS_LIST = 8;

/** Where typed transactions were recorded. */
const TYPED = ['pos', 'polybft'] as const;
const ROOT = badBody('structure.transactions-root');
const isDynamic = (item: unknown) => item instanceof Uint8Array && item.length === 1 && item[0] === 2;

/** Changes the list of transactions of a block that has `least` of them. */
const transactions = (
  name: string,
  refusal: Refusal,
  change: (list: Items, target: Target) => unknown,
  { least = 1, kinds = ALL_KINDS }: { readonly least?: number; readonly kinds?: readonly Kind[] } = {},
): Mutation => ({
  name,
  refused: on(kinds, refusal),
  mutate: (target) =>
    target.block.transactions.length < least
      ? undefined
      : target.withItems((items) => change(listAt(items, TRANSACTIONS), target)),
});

/** Changes the last transaction, which is a list of fields. */
const lastOne = (name: string, refusal: Refusal, change: (fields: Items) => unknown) =>
  transactions(name, refusal, (list) => change(listAt(list, list.length - 1)));

/** Each transaction with its type byte, if it has one. */
function unitsOf(list: Items): Items[] {
  return list.flatMap((item, index) => {
    if (item instanceof Uint8Array) return [];
    const type = list[index - 1];
    return [type instanceof Uint8Array ? [type, item] : [item]];
  });
}

const rewrite = (list: Items, change: (units: Items[]) => Items[]) =>
  list.splice(0, list.length, ...change(unitsOf(list)).flat());

/** The body is not the header's. */
export const BODY_MUTATIONS: readonly Mutation[] = [
  transactions('all transactions dropped', ROOT, (list) => list.splice(0)),
  transactions('the last transaction dropped', ROOT, (list) => rewrite(list, (units) => units.slice(0, -1))),
  transactions('a transaction twice', ROOT, (list) =>
    rewrite(list, (units) => [...units, ...units.slice(-1)]),
  ),
  transactions(
    'transactions in another order',
    ROOT,
    (list) => rewrite(list, (units) => [...units.slice(1), ...units.slice(0, 1)]),
    { least: 2 },
  ),
  transactions(
    'the first transaction in place of the last',
    ROOT,
    (list) => rewrite(list, (units) => [...units.slice(0, -1), ...units.slice(0, 1)]),
    { least: 2 },
  ),
  lastOne('the signature of a transaction with a bit turned', ROOT, (fields) => {
    const at = fields.length === 10 ? 8 : fields.length - 1;
    const s = fields[at] as Uint8Array;
    return s.length > 1 && fields.splice(at, 1, flipped(s));
  }),
  lastOne('a transaction with another nonce', ROOT, (fields) => {
    const at = fields.length === 12 ? 1 : NONCE;
    fields[at] = Uint8Array.of(0x7e);
  }),
  lastOne('a transaction with one field more', UNDECODABLE, (fields) => fields.push(Uint8Array.of(1))),
  lastOne('a transaction with one field less', UNDECODABLE, (fields) => fields.pop()),
  lastOne('a nonce with leading zeros in a transaction', NOT_CANONICAL, (fields) =>
    fields.splice(fields.length === 12 ? 1 : NONCE, 1, Uint8Array.of(0, 1)),
  ),
  transactions(
    'an access list',
    NOT_CANONICAL,
    (list) => {
      const at = list.findIndex(isDynamic);
      return at >= 0 && listAt(list, at + 1).splice(ACCESS_LIST, 1, [[new Uint8Array(20), []]]);
    },
    { kinds: TYPED },
  ),
  transactions(
    'a transaction of an unknown type',
    UNDECODABLE,
    (list) => {
      const at = list.findIndex((item) => item instanceof Uint8Array);
      return at >= 0 && list.splice(at, 1, Uint8Array.of(3));
    },
    { kinds: TYPED },
  ),
  transactions('a type byte before a legacy transaction', NOT_CANONICAL, (list) => {
    const at = list.findIndex(
      (item, index) => !(item instanceof Uint8Array) && !(list[index - 1] instanceof Uint8Array),
    );
    return at >= 0 && list.splice(at, 0, Uint8Array.of(0));
  }),
  {
    name: 'a transaction of another block',
    refused: on(ALL_KINDS, ROOT),
    mutate: (target) => {
      const other = target.chain.blocks.find(
        ({ header, transactions: [first] }) => header.number !== target.number && first?.type === 0,
      );
      const [first] = other?.transactions ?? [];
      return (
        first &&
        target.withItems((items) => listAt(items, TRANSACTIONS).unshift(RLP.decode(first.rlp) as Items))
      );
    },
  },
  {
    name: 'an uncle',
    refused: on(ALL_KINDS, badBody('structure.uncles')),
    mutate: (target) =>
      target.withItems((items) => listAt(items, UNCLES).push(listAt(RLP.decode(target.raw) as Items, 0))),
  },
  {
    name: 'an uncle, and its hash in the header',
    refused: { ...OTHER_HASH, ...on(IBFT_KINDS, badHeader('ibft.no-uncles')) },
    mutate: (target) =>
      target.withItems((items) => {
        const uncles = [listAt(RLP.decode(target.raw) as Items, 0)];
        listAt(items, 0)[1] = keccak256(RLP.encode(uncles));
        items[UNCLES] = uncles;
      }),
  },
  {
    name: 'an uncle that is no header',
    refused: on(ALL_KINDS, UNDECODABLE),
    mutate: (target) => target.withItems((items) => listAt(items, UNCLES).push(Uint8Array.of(1))),
  },
];

/** Blocks come in another order than they are to. */
export const SEQUENCE_MUTATIONS: readonly Mutation[] = [
  sequence('a block left out', unknownParent(1), ({ child }) => child && [child]),
  sequence('a block twice', unknownParent(), ({ raw }) => [raw, raw]),
  sequence('two blocks the wrong way round', unknownParent(1), ({ child, raw }) => child && [child, raw]),
  sequence('its parent once more', unknownParent(-1), ({ chain, number }) => [chain.rawAt(number - 1)]),
  sequence('a block out of order behind good ones', unknownParent(-1), ({ chain, number, raw }) =>
    number > 1 ? [raw, chain.rawAt(number - 1)] : undefined,
  ),
  {
    name: 'a block with a parent that is not there, but its number',
    refused: on(ALL_KINDS, unknownParent()),
    mutate: (target) => target.withHeader({ parentHash: target.chain.hashAt(target.number) }),
  },
];

function sequence(
  name: string,
  refusal: Refusal,
  mutate: (target: Target) => readonly Uint8Array[] | undefined,
): Mutation {
  return { name, refused: on(ALL_KINDS, refusal), mutate };
}
