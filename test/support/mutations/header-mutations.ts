import type { Header } from '../../../src/modules/blockchain/ports/types.js';
import {
  ALL_KINDS,
  anomaly,
  BAD_EXTRA,
  badBody,
  badHeader,
  badSeal,
  flipped,
  IBFT_KINDS,
  type Mutation,
  OTHER_HASH,
  on,
  SEALED_KINDS,
  type Target,
  UNDECODABLE,
  unknownParent,
} from './mutation.js';

const NONCE = {
  ...on(['poa-ecdsa', 'poa-bls'], badHeader('ibft.nonce')),
  pos: badHeader('ibft.idle-nonce'),
  polybft: badHeader('polybft.nonce'),
  plain: unknownParent(1),
} as const;
const GAS_LIMIT = on(ALL_KINDS, badHeader('structure.gas-limit'));
const WRONG_NUMBER = (at: number) => on(ALL_KINDS, { code: 'BLOCKCHAIN.BAD_SEQUENCE', at } as const);
/** A miner of BLS validators must be a candidate where votes count. */
const OTHER_MINER = {
  ...OTHER_HASH,
  'poa-bls': [badHeader('ibft.vote-candidate'), badSeal('ibft.proposer-member')],
};

const set = (
  name: string,
  refused: Mutation['refused'],
  change: (target: Target) => Partial<Header> | undefined,
) => ({
  name,
  refused,
  mutate: (target: Target) => {
    const header = change(target);
    return header && target.withHeader(header);
  },
});

const flip =
  (field: 'parentHash' | 'sha3Uncles' | 'stateRoot' | 'txRoot' | 'receiptsRoot' | 'logsBloom' | 'mixHash') =>
  ({ header }: Target): Partial<Header> => ({ [field]: flipped(header[field], field.length) });

/** One item of the header is another. */
export const HEADER_MUTATIONS: readonly Mutation[] = [
  set('parentHash with a bit turned', on(ALL_KINDS, unknownParent()), flip('parentHash')),
  set('parentHash of the grandparent', on(ALL_KINDS, unknownParent()), ({ parent }) => ({
    parentHash: parent.parentHash,
  })),
  set('sha3Uncles with a bit turned', on(ALL_KINDS, badBody('structure.uncles')), flip('sha3Uncles')),
  set('miner with a bit turned', OTHER_MINER, ({ header }) => ({ miner: flipped(header.miner) })),
  set('no miner', OTHER_MINER, () => ({ miner: new Uint8Array() })),
  set('a miner of 21 bytes', OTHER_MINER, () => ({ miner: new Uint8Array(21).fill(1) })),
  set('stateRoot with a bit turned', OTHER_HASH, flip('stateRoot')),
  set('txRoot with a bit turned', on(ALL_KINDS, badBody('structure.transactions-root')), flip('txRoot')),
  set('receiptsRoot with a bit turned', OTHER_HASH, flip('receiptsRoot')),
  set('logsBloom with a bit turned', OTHER_HASH, flip('logsBloom')),
  set(
    'difficulty one more',
    { ...OTHER_HASH, ...on(IBFT_KINDS, badHeader('ibft.difficulty')) },
    ({ header }) => ({ difficulty: header.difficulty + 1n }),
  ),
  set(
    'no difficulty',
    {
      ...OTHER_HASH,
      ...on(IBFT_KINDS, badHeader('ibft.difficulty')),
      polybft: badHeader('polybft.difficulty'),
    },
    () => ({ difficulty: 0n }),
  ),
  set('number one more', WRONG_NUMBER(1), ({ number }) => ({ number: number + 1 })),
  set('number one less', WRONG_NUMBER(-1), ({ number }) => ({ number: number - 1 })),
  set('a number that is no height', on(ALL_KINDS, UNDECODABLE), () => ({ number: 2 ** 53 })),
  set('gasLimit one more', OTHER_HASH, ({ header }) => ({ gasLimit: header.gasLimit + 1n })),
  set('gasLimit one less', OTHER_HASH, ({ header }) => ({ gasLimit: header.gasLimit - 1n })),
  set('gasLimit risen too far', GAS_LIMIT, ({ parent: { gasLimit } }) => ({
    gasLimit: gasLimit + gasLimit / 1_024n + 1n,
  })),
  set('gasLimit fallen too far', GAS_LIMIT, ({ parent: { gasLimit } }) => ({
    gasLimit: gasLimit - gasLimit / 1_024n - 1n,
  })),
  set('more gasUsed than gasLimit', GAS_LIMIT, ({ header }) => ({ gasUsed: header.gasLimit + 1n })),
  set('gasUsed without transactions', on(ALL_KINDS, badBody('structure.gas-sum')), ({ block }) =>
    block.transactions.length > 0 ? undefined : { gasUsed: 1n },
  ),
  set('more gasUsed than the transactions may use', on(ALL_KINDS, badBody('structure.gas-sum')), (target) => {
    const most = target.block.transactions.reduce((sum, { gas }) => sum + gas, 0n);
    return most === 0n || most >= target.header.gasLimit ? undefined : { gasUsed: most + 1n };
  }),
  set('gasUsed one less', OTHER_HASH, ({ header: { gasUsed } }) =>
    gasUsed === 0n ? undefined : { gasUsed: gasUsed - 1n },
  ),
  set('timestamp one more', OTHER_HASH, ({ header, chain, number }) =>
    number === chain.height ? undefined : { timestamp: header.timestamp + 1n },
  ),
  set("its parent's timestamp", { ...OTHER_HASH, polybft: badHeader('polybft.timestamp') }, ({ parent }) => ({
    timestamp: parent.timestamp,
  })),
  set('a timestamp of the far future', { ...OTHER_HASH, polybft: badHeader('polybft.future') }, () => ({
    timestamp: 2n ** 63n,
  })),
  set(
    'a vanity',
    { ...on(IBFT_KINDS, badSeal('ibft.proposer-member')), polybft: badHeader('polybft.vanity') },
    ({ header }) => ({ extraData: flipped(header.extraData, 31) }),
  ),
  set(
    'mixHash with a bit turned',
    {
      ...on(IBFT_KINDS, badHeader('ibft.mix-hash')),
      polybft: badHeader('polybft.mix-hash'),
      plain: unknownParent(1),
    },
    flip('mixHash'),
  ),
  set('a nonce of 1', NONCE, () => ({ nonce: new Uint8Array(8).with(7, 1) })),
  set('a nonce of all bits but one', NONCE, () => ({ nonce: new Uint8Array(8).fill(0xff).with(0, 0xfe) })),
  set(
    'a vote where there are none',
    { pos: badHeader('ibft.idle-nonce'), polybft: badHeader('polybft.nonce'), plain: unknownParent(1) },
    () => ({ nonce: new Uint8Array(8).fill(0xff) }),
  ),
  set(
    'a vote turned around',
    on(['poa-ecdsa', 'poa-bls'], anomaly('ibft.vote-effect')),
    ({ header, isVote }) => (isVote ? { nonce: header.nonce.map((byte) => byte ^ 0xff) } : undefined),
  ),
  set(
    'a base fee that is 1 more',
    { ...OTHER_HASH, ...on(IBFT_KINDS, badHeader('ibft.base-fee')) },
    ({ header }) => ({ baseFee: header.baseFee + 1n }),
  ),
  set('the largest base fee', { ...OTHER_HASH, ...on(IBFT_KINDS, badHeader('ibft.base-fee')) }, () => ({
    baseFee: 2n ** 64n - 1n,
  })),
  set('no extra data', on(SEALED_KINDS, BAD_EXTRA), () => ({
    extraData: new Uint8Array(),
  })),
  set(
    'extra data of the parent',
    {
      ...on(IBFT_KINDS, [badSeal('ibft.proposer-member'), badSeal('ibft.proposer-seal'), BAD_EXTRA]),
      polybft: [
        badSeal('polybft.committed-aggregate'),
        badSeal('polybft.committed-bitmap'),
        badSeal('polybft.committed-missing'),
        badSeal('polybft.parent-missing'),
      ],
    },
    ({ parent }) => ({ extraData: parent.extraData }),
  ),
];
