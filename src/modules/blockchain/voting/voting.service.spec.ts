import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type IbftChain,
  ibftChain,
  type SealKey,
  testKeys,
} from '../../../../test/support/chain-builder/index.js';
import { Sealers } from '../../../../test/support/sealer-under-test.js';
import { toHex } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { parseGenesis } from '../genesis/parse-genesis.js';
import type { CandidateVote } from '../ports/voting.port.js';

const sealers = new Sealers();
const keys = testKeys(4);
const [us, second] = keys;
const [newcomer] = testKeys(1, 'newcomer');
if (us === undefined || second === undefined || newcomer === undefined) throw new Error('no keys');

afterEach(() => sealers.stopAll());

/** Votes of the first validator of a chain that has its blocks already. */
async function aVoting(built: IbftChain = ibftChain(), validators: readonly (SealKey | undefined)[] = [us]) {
  const made = await sealers.make({
    chain: parseGenesis(built.genesisText),
    validators: validators.filter((key) => key !== undefined),
  });
  if (built.height > 0) await made.chain.insert(built.blocks.slice(1), { source: 'sync' });
  return made.voting;
}

const add: CandidateVote = { validator: { address: newcomer.address }, authorize: true };
const drop: CandidateVote = { validator: { address: second.address }, authorize: false };

async function refusal(act: () => unknown): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (error instanceof BlockchainError) return error.message;
    throw error;
  }
}

describe('proposing', () => {
  it('keeps what is proposed, oldest first', async () => {
    const voting = await aVoting();
    await voting.propose(add);
    await voting.propose(drop);
    expect(voting.candidates()).toEqual([add, drop]);
    expect(voting.validator()).toEqual(us.address);
  });

  it.each<[string, CandidateVote]>([
    ['the candidate is already a validator', { ...drop, authorize: true }],
    ["cannot remove a validator if they're not in the snapshot", { ...add, authorize: false }],
  ])('is refused: %s', async (text, vote) => {
    const voting = await aVoting();
    expect(await refusal(() => voting.propose(vote))).toBe(text);
    expect(voting.candidates()).toEqual([]);
  });

  it('is refused for who is a candidate already, whichever way', async () => {
    const voting = await aVoting();
    await voting.propose(add);
    expect(await refusal(() => voting.propose(add))).toBe('already a candidate');
  });

  it('is refused while a vote of ours counts', async () => {
    const built = ibftChain();
    built.seal({ vote: { candidate: newcomer, authorize: true } });
    expect(await refusal(async () => (await aVoting(built)).propose(add))).toBe(
      'already voted for this address',
    );
    expect(await refusal(async () => (await aVoting(built, [second])).propose(add))).toBeUndefined();
  });

  it('takes a BLS candidate with its key only, and knows those in the set by themselves', async () => {
    const voting = await aVoting(ibftChain({ type: 'bls' }));
    expect(await refusal(() => voting.propose(add))).toBe('BLS public key required');
    const badKey = { ...add, validator: { ...add.validator, blsKey: new Uint8Array(48) } };
    expect(await refusal(() => voting.propose(badKey))).toBe('the BLS public key is not a key of its curve');
    await voting.propose(drop);
    expect(voting.candidates()[0]?.validator.blsKey).toEqual(second.blsPublicKey);
  });

  it('drops the BLS key of a candidate on an ECDSA chain', async () => {
    const voting = await aVoting();
    await voting.propose({ ...add, validator: { ...add.validator, blsKey: new Uint8Array(48) } });
    expect(voting.candidates()).toEqual([add]);
  });

  it('is not for chains or nodes without votes', async () => {
    const pos = await aVoting(ibftChain({ pos: true }));
    expect(await refusal(() => pos.propose(add))).toBe('voting is not supported');
    expect(await refusal(() => pos.candidates())).toBe('voting is not supported');
    const keyless = await aVoting(ibftChain(), []);
    expect(await refusal(() => keyless.propose(add))).toBe('this node has no validator key');
    expect(await refusal(() => keyless.validator())).toBe('this node has no validator key');
  });
});

describe('the next vote of a proposer', () => {
  it('is the first that it has not cast yet, and no longer one that is decided', async () => {
    const voting = await aVoting();
    await voting.propose(add);
    await voting.propose(drop);
    const set = keys.map(({ address }) => ({ address }));
    const cast = { candidate: { address: newcomer.address }, authorize: true };
    expect(voting.next(us.address, { set, votes: [] })).toEqual(cast);
    const votes = [{ voter: us.address, ...cast }];
    expect(voting.next(us.address, { set, votes })?.candidate.address).toEqual(second.address);
    expect(voting.next(second.address, { set, votes })).toEqual(cast);
    expect(voting.next(us.address, { set: [...set, cast.candidate], votes: [] })?.authorize).toBe(false);
    expect(voting.candidates()).toEqual([drop]);
  });
});

describe('a snapshot', () => {
  it('has the set that sealed a block and the votes after it', async () => {
    const built = ibftChain();
    for (let block = 0; block < 3; block++) built.seal({ vote: { candidate: newcomer, authorize: true } });
    built.grow(2);
    const voting = await aVoting(built);
    const addresses = async (number?: number) =>
      (await voting.snapshot(number)).validators.map(({ address }) => toHex(address));
    expect((await voting.snapshot(2)).votes.map(({ voter }) => toHex(voter))).toEqual(
      [us, second].map(({ address }) => toHex(address)),
    );
    expect(await addresses(3)).toHaveLength(4);
    expect((await voting.snapshot(3)).votes).toEqual([]);
    expect(await addresses(4)).toHaveLength(5);
    expect(await voting.snapshot()).toMatchObject({ number: 5, hash: built.hashAt(5) });
    await expect(voting.snapshot(6)).rejects.toMatchObject({ code: 'BLOCKCHAIN.HEADER_NOT_FOUND' });
  });

  it('has no votes on PoS', async () => {
    const voting = await aVoting(ibftChain({ pos: true, type: 'bls' }).grow(2));
    expect((await voting.snapshot()).votes).toEqual([]);
  });
});
