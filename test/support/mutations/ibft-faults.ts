import { encodeBytes, encodeList } from '../../../src/modules/blockchain/rlp/rlp.js';
import {
  type IbftBlockOptions,
  type IbftChain,
  type IbftChainOptions,
  ibftChain,
  type SealKey,
  secret,
} from '../chain-builder/index.js';
import { itemAt } from '../verified-chain.js';
import type { Fault } from './fault.js';
import { anomaly, badHeader, badSeal, type Refusal } from './mutation.js';

type Options = IbftBlockOptions | ((chain: IbftChain) => IbftBlockOptions);

/** Two good blocks, then one with these options. */
const fault = (name: string, refusal: Refusal, options: Options, of: IbftChainOptions = {}): Fault => ({
  name,
  refusal,
  build: () => {
    const chain = ibftChain(of).grow(2);
    chain.seal(typeof options === 'function' ? options(chain) : options);
    return chain;
  },
});

const BLS: IbftChainOptions = { type: 'bls' };
const POS: IbftChainOptions = { type: 'bls', pos: true, epochSize: 3 };

/** A validator as far as anyone sees, but for its signature. */
const impostor = (key: SealKey): SealKey => ({ ...key, blsSecret: secret('impostor') });
const strangers = (chain: IbftChain) => [0, 1, 2, 3].map((index) => chain.newKey(index));
const of = (chain: IbftChain, ...positions: number[]) => positions.map((at) => itemAt(chain.set, at));
const twice = (chain: IbftChain) => of(chain, 0, 0, 1, 2);

const QUORUM = badSeal('ibft.committed-quorum');
const PARENT_QUORUM = badSeal('ibft.parent-quorum');

/** Blocks that are sealed by those who hold keys, and break a rule. */
export const IBFT_FAULTS: readonly Fault[] = [
  fault('another mixHash', badHeader('ibft.mix-hash'), {
    mutateHeader: (draft) => ({ ...draft, mixHash: new Uint8Array(32) }),
  }),
  fault('another difficulty', badHeader('ibft.difficulty'), {
    mutateHeader: (draft) => ({ ...draft, difficulty: 4n }),
  }),
  fault('a base fee', badHeader('ibft.base-fee'), { mutateHeader: (draft) => ({ ...draft, baseFee: 7n }) }),
  fault('a nonce that is no vote', badHeader('ibft.nonce'), {
    mutateHeader: (draft) => ({ ...draft, nonce: new Uint8Array(8).fill(1) }),
  }),
  fault(
    'a vote on PoS',
    badHeader('ibft.idle-nonce'),
    (chain) => ({ vote: { candidate: chain.newKey(), authorize: true } }),
    POS,
  ),
  fault(
    'gas used without transactions',
    { code: 'BLOCKCHAIN.BAD_BODY', rule: 'structure.gas-sum' },
    { gasUsed: 1n },
  ),
  fault(
    'a candidate without a key on BLS',
    badHeader('ibft.vote-candidate'),
    { mutateHeader: (draft) => ({ ...draft, miner: new Uint8Array(20).fill(1) }) },
    BLS,
  ),
  fault('a proposer who is a stranger', badSeal('ibft.proposer-member'), (chain) => ({
    proposer: chain.newKey(),
  })),
  fault('a set of strangers who sealed it themselves', badSeal('ibft.proposer-member'), (chain) => ({
    claimedSet: strangers(chain),
    proposer: chain.newKey(),
    signers: strangers(chain),
  })),
  fault('a set of one, who sealed it', QUORUM, (chain) => {
    const [proposer] = of(chain, 2) as [SealKey];
    return { claimedSet: [proposer], proposer, signers: [proposer] };
  }),
  fault('a stranger among those who commit', badSeal('ibft.committed-member'), (chain) => ({
    signers: [...chain.set, chain.newKey()],
  })),
  fault('two of four commit', QUORUM, { signers: 2 }),
  fault('two of four commit, BLS', QUORUM, { signers: 2 }, BLS),
  fault('three of six commit', QUORUM, { signers: 3 }, { validators: 6 }),
  fault('four of seven commit, BLS', QUORUM, { signers: 4 }, { ...BLS, validators: 7 }),
  fault(
    'two of six commit, before the new quorum',
    QUORUM,
    { signers: 2 },
    { validators: 6, quorumSizeBlockNum: 10 },
  ),
  fault('two of three commit', QUORUM, { signers: 2 }, { validators: 3 }),
  fault('nobody commits', badSeal('ibft.committed-empty'), { signers: 0 }),
  fault('nobody commits, BLS', badSeal('ibft.committed-empty'), { signers: 0 }, BLS),
  fault('one commits twice', badSeal('ibft.committed-repeated'), (chain) => ({ signers: twice(chain) })),
  fault(
    'one commits twice, BLS',
    badSeal('ibft.committed-signature'),
    (chain) => ({ signers: twice(chain) }),
    BLS,
  ),
  fault(
    'one commits with a key that is not its own',
    badSeal('ibft.committed-signature'),
    (chain) => ({
      signers: chain.set.map((key, index) => (index === 1 ? impostor(key) : key)),
    }),
    BLS,
  ),
  fault('parent seals of two of four', PARENT_QUORUM, (chain) => ({ parentSeals: of(chain, 0, 1) })),
  fault(
    'parent seals of two of four, BLS',
    PARENT_QUORUM,
    (chain) => ({ parentSeals: of(chain, 0, 1) }),
    BLS,
  ),
  fault('parent seals of a stranger', badSeal('ibft.parent-member'), (chain) => ({
    parentSeals: [...chain.set, chain.newKey()],
  })),
  fault('parent seals of one twice', badSeal('ibft.parent-repeated'), (chain) => ({
    parentSeals: twice(chain),
  })),
  fault('parent seals that are none', badSeal('ibft.parent-signature'), {
    parentSeals: encodeList([encodeBytes(new Uint8Array(65))]),
  }),
  fault(
    'parent seals of an impostor, BLS',
    badSeal('ibft.parent-signature'),
    (chain) => ({
      parentSeals: chain.set.map(impostor),
    }),
    BLS,
  ),
  fault(
    'parent seals beyond the set, BLS',
    badSeal('ibft.parent-member'),
    {
      parentSeals: encodeList([
        encodeBytes(Uint8Array.of(0xff)),
        encodeBytes(new Uint8Array(96).with(0, 0xc0)),
      ]),
    },
    BLS,
  ),
  fault('the set of another block', anomaly('ibft.claimed-set'), (chain) => ({
    claimedSet: chain.set.slice(1),
  })),
  fault(
    'the set in another order, BLS',
    anomaly('ibft.claimed-set'),
    (chain) => ({ claimedSet: chain.set.toReversed() }),
    BLS,
  ),
  fault('a proposer who is not in turn', anomaly('ibft.proposer-turn'), (chain) => ({
    proposer: itemAt(chain.set, 3),
  })),
  fault('the proposer of round 0 in round 1', anomaly('ibft.proposer-turn'), (chain) => ({
    proposer: itemAt(chain.set, 2),
    round: 1,
  })),
  fault("its parent's time", anomaly('ibft.timestamp'), (chain) => ({
    timestamp: chain.head.header.timestamp,
  })),
  fault('a vote for a validator', anomaly('ibft.vote-effect'), (chain) => ({
    vote: { candidate: itemAt(chain.set, 0), authorize: true },
  })),
  fault(
    'a vote against a stranger, BLS',
    anomaly('ibft.vote-effect'),
    (chain) => ({
      vote: { candidate: chain.newKey(), authorize: false },
    }),
    BLS,
  ),
  fault(
    'another PoS set at an epoch',
    anomaly('ibft.trusted-epoch'),
    (chain) => ({
      set: [...chain.set, chain.newKey()],
    }),
    POS,
  ),
  {
    name: 'another PoS set inside an epoch',
    refusal: badSeal('ibft.proposer-member'),
    build: () => {
      const chain = ibftChain(POS).grow(3);
      chain.seal({ set: strangers(chain) });
      return chain;
    },
  },
  {
    name: 'the set that a turned vote leaves without a reason',
    refusal: { code: 'BLOCKCHAIN.ANOMALY', rule: 'ibft.vote-effect', at: -1 },
    build: () => withTurnedVote(),
  },
];

/** A newcomer is voted in by three blocks; the nonce of the last, at height 3, was turned. Block 4 claims the new set. */
export function withTurnedVote(of: IbftChainOptions = {}): IbftChain {
  const chain = ibftChain(of);
  const vote = { candidate: chain.newKey(), authorize: true };
  chain.seal({ vote });
  chain.seal({ vote });
  chain.seal({ vote, tamper: (sealed) => ({ ...sealed, nonce: new Uint8Array(8) }) });
  chain.seal();
  return chain;
}
