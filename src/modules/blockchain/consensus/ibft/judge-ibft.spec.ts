import { describe, expect, it } from '@jest/globals';
import {
  type IbftBlockOptions,
  type IbftChain,
  ibftChain,
  type SealKey,
  testKeys,
} from '../../../../../test/support/chain-builder/index.js';
import { verdictOnBuilt, withTurnedVote } from '../../../../../test/support/mutations/index.js';
import { itemAt } from '../../../../../test/support/verified-chain.js';
import { toHex } from '../../../../common/bytes.js';
import type { JudgedChunk } from '../../chain/judge-chunk.js';
import { createConsensus } from '../create-consensus.js';
import type { IbftState } from './ibft-state.js';

const lenient = { isStrict: false };
const stateOf = ({ tip }: JudgedChunk) => tip.state as IbftState;
const hex = (set: readonly { address: Uint8Array }[]) => set.map(({ address }) => toHex(address));

const TURN: IbftBlockOptions = {
  tamper: (sealed) => ({ ...sealed, nonce: sealed.nonce.map((byte) => byte ^ 0xff) }),
};

/** One block for each, all with the vote; `turned` says at which heights the nonce was turned around. */
function cast(chain: IbftChain, count: number, vote: IbftBlockOptions['vote'], turned: number[] = []): void {
  for (let block = 0; block < count; block++)
    chain.seal({ vote, ...(turned.includes(chain.height + 1) ? TURN : {}) });
}

const adding = (candidate: SealKey) => ({ candidate, authorize: true });
const dropping = (candidate: SealKey) => ({ candidate, authorize: false });

describe('a vote that was turned around', () => {
  it.each(['ecdsa', 'bls'] as const)('is suspected where its set cannot be explained, %s', async (type) => {
    const verdict = await verdictOnBuilt(withTurnedVote({ type }), lenient);
    expect(verdict.failure?.detail).toMatchObject({
      code: 'BLOCKCHAIN.SET_UNEXPLAINED',
      number: 4,
      suspects: [3],
    });
    expect(verdict.tip.number).toBe(3);
    expect(verdict.anomalies).toMatchObject([{ rule: 'ibft.vote-effect', number: 3 }]);
    expect(stateOf(verdict).idle.map(({ number }) => number)).toEqual([3]);
  });

  it('is suspected when it was not the one that decided', async () => {
    const chain = ibftChain().grow(1);
    cast(chain, 3, adding(chain.newKey()), [2]);
    chain.seal();
    expect((await verdictOnBuilt(chain, lenient)).failure?.detail).toMatchObject({
      number: 5,
      suspects: [2],
    });
  });

  it('is told from others by its candidate', async () => {
    const chain = ibftChain();
    const [first, second] = [chain.newKey(0), chain.newKey(1)];
    cast(chain, 1, adding(first), [1]);
    cast(chain, 3, adding(second), [4]);
    chain.seal();
    expect((await verdictOnBuilt(chain, lenient)).failure?.detail).toMatchObject({
      number: 5,
      suspects: [4],
    });
  });

  it('is suspected where the set goes back to one from before, in one chunk', async () => {
    const chain = ibftChain();
    const newcomer = chain.newKey();
    cast(chain, 3, adding(newcomer));
    cast(chain, 3, dropping(newcomer), [6]);
    chain.seal();
    expect(hex(chain.setAt(7))).toEqual(hex(chain.setAt(1)));
    expect((await verdictOnBuilt(chain, lenient)).failure?.detail).toMatchObject({
      code: 'BLOCKCHAIN.SET_UNEXPLAINED',
      number: 7,
      suspects: [6],
    });
  });

  it('is harmless where its epoch ends before anything was decided', async () => {
    const chain = ibftChain({ epochSize: 4 });
    cast(chain, 2, adding(chain.newKey()), [1]);
    chain.grow(8);
    const { failure, tip, anomalies } = await verdictOnBuilt(chain, lenient);
    expect([failure, tip.number]).toEqual([undefined, 10]);
    expect(anomalies).toHaveLength(1);
  });

  it('is none once other peers gave the same votes: then the block is refused for its seals', async () => {
    const chain = withTurnedVote();
    const { tip } = await verdictOnBuilt(chain, lenient);
    const consensus = createConsensus(chain.config);
    const confirmed = consensus.confirmVotes(tip.state) as IbftState;
    expect(confirmed.idle).toEqual([]);
    expect(confirmed.set).toEqual((tip.state as IbftState).set);
    expect(confirmed.encoded).not.toEqual(tip.state.encoded);
    const { header, hash } = chain.head;
    const { header: parent } = itemAt([chain.fork(3).head], 0);
    const [examined] = consensus.examine(
      [{ header, hash }],
      { header: parent, hash: tip.hash },
      confirmed.encoded,
    );
    if (examined === undefined || !('evidence' in examined)) throw new Error('no evidence');
    expect(() => consensus.judge(examined.evidence, confirmed, 0)).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ rule: 'ibft.committed-member' }) }),
    );
  });
});

describe('parent seals', () => {
  it.each(['ecdsa', 'bls'] as const)(
    'are of the set at the parent where the set changes, %s',
    async (type) => {
      const chain = ibftChain({ type });
      const newcomer = chain.newKey();
      cast(chain, 3, adding(newcomer));
      chain.seal({ parentSeals: 'subset' });
      chain.seal({ parentSeals: chain.setAt(4) });
      const [first] = chain.set;
      if (first === undefined) throw new Error('no validator');
      cast(chain, 3, dropping(first));
      chain.grow(2);
      const { failure, tip } = await verdictOnBuilt(chain);
      expect([failure, tip.number]).toEqual([undefined, 10]);
    },
  );

  it('are not of a validator who came with the block', async () => {
    const chain = ibftChain();
    cast(chain, 3, adding(chain.newKey()));
    chain.seal({ parentSeals: chain.set });
    expect((await verdictOnBuilt(chain)).failure?.detail).toMatchObject({
      number: 4,
      rule: 'ibft.parent-member',
    });
  });

  it('reach the quorum of the height of the parent', async () => {
    const chain = ibftChain({ validators: 6, quorumSizeBlockNum: 5 }).grow(3);
    chain.seal({ signers: 3 });
    chain.seal({ signers: 4 });
    expect((await verdictOnBuilt(chain)).failure).toBeUndefined();
    chain.seal({ signers: 3 });
    expect((await verdictOnBuilt(chain)).failure?.detail).toMatchObject({
      number: 6,
      rule: 'ibft.committed-quorum',
    });
  });
});

describe('a PoS set', () => {
  const pos = { type: 'bls', pos: true, epochSize: 3 } as const;

  it('is taken on trust and counted where it changes, unless the chain is strict', async () => {
    const chain = ibftChain(pos).grow(2);
    chain.seal({ set: [...chain.set, chain.newKey()] });
    chain.grow(5);
    chain.seal({ set: chain.set.slice(1) });
    chain.grow(4);
    const verdict = await verdictOnBuilt(chain, lenient);
    expect([verdict.failure, verdict.tip.number]).toEqual([undefined, 13]);
    expect(verdict.anomalies.map(({ rule, number }) => [rule, number])).toEqual([
      ['ibft.trusted-epoch', 3],
      ['ibft.trusted-epoch', 9],
    ]);
    expect(stateOf(verdict).trustedSets).toBe(2);
    expect(hex(stateOf(verdict).set)).toEqual(hex(chain.set));
    const strict = await verdictOnBuilt(chain);
    expect(strict.failure?.detail).toMatchObject({ code: 'BLOCKCHAIN.ANOMALY', number: 3 });
  });

  it('is the same inside an epoch, whoever claims another', async () => {
    const chain = ibftChain(pos).grow(3);
    chain.seal({ claimedSet: chain.set.slice(1) });
    const { failure, anomalies, tip } = await verdictOnBuilt(chain, lenient);
    expect([failure, anomalies.map(({ rule }) => rule)]).toEqual([undefined, ['ibft.claimed-set']]);
    expect(hex((tip.state as IbftState).set)).toEqual(hex(chain.setAt(1)));
  });

  it('follows a PoA set on trust', async () => {
    const keys = testKeys(5);
    const forks = [
      { from: 0, to: 6 },
      { type: 'PoS' as const, from: 7, validators: keys.slice(1) },
    ];
    const chain = ibftChain({ epochSize: 5, validators: keys.slice(0, 4), forks }).grow(12);
    const verdict = await verdictOnBuilt(chain, lenient);
    expect([verdict.failure, verdict.tip.number]).toEqual([undefined, 12]);
    expect(verdict.anomalies.map(({ rule, number }) => [rule, number])).toEqual([['ibft.trusted-epoch', 7]]);
  });
});

describe('an entry of the fork list', () => {
  const keys = testKeys(9);

  it('puts its own set in force, with BLS keys, and clears the votes', async () => {
    const chain = ibftChain({
      epochSize: 100,
      validators: keys.slice(0, 4),
      forks: [
        { from: 0, to: 4 },
        { from: 5, validatorType: 'bls', validators: keys.slice(2, 9) },
      ],
    }).grow(2);
    cast(chain, 2, adding(itemAt(keys, 8)));
    const before = await verdictOnBuilt(chain);
    expect(stateOf(before).votes).toEqual([]);
    expect(hex(stateOf(before).set)).toEqual(hex(keys.slice(2, 9)));
    expect(stateOf(before).set.every(({ blsPublicKey }) => blsPublicKey?.length === 48)).toBe(true);
    chain.grow(3);
    cast(chain, 4, dropping(itemAt(keys, 3)));
    const { failure, tip } = await verdictOnBuilt(chain.grow(2));
    expect([failure, tip.number]).toEqual([undefined, chain.height]);
    expect(hex((tip.state as IbftState).set)).toEqual(hex(chain.set));
    expect(chain.set).toHaveLength(6);
  });

  it('needs the quorum of its own set', async () => {
    const chain = ibftChain({
      epochSize: 100,
      validators: 4,
      forks: [
        { from: 0, to: 2 },
        { from: 3, validators: testKeys(7) },
      ],
    }).grow(2);
    chain.seal({ signers: 4 });
    expect((await verdictOnBuilt(chain)).failure?.detail).toMatchObject({
      number: 3,
      rule: 'ibft.committed-quorum',
    });
  });
});
