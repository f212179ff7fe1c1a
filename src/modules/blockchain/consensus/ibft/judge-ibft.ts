import { bigEndian, toHex } from '../../../../common/bytes.js';
import { BlockchainError } from '../../blockchain.errors.js';
import { blsVerifyAggregate } from '../../crypto/bls12-381.js';
import type { Anomaly, Judgement } from '../../ports/consensus.port.js';
import type { Rule } from '../../ports/rules.js';
import { badSeal } from '../refusals.js';
import type { IbftValidator } from './extra.js';
import { type IbftEvidence, type SealEvidence, signersOf } from './ibft-evidence.js';
import type { IbftSchedule } from './ibft-schedule.js';
import { changedState, IbftState } from './ibft-state.js';
import { proposerInTurn } from './proposer-turn.js';
import { blsKeysOf } from './read-seals.js';
import { applyBlock, hasEffect, sameValidator } from './votes.js';

const ADDRESS_BYTES = 20;

/** The rules of a list of seals, by name. */
interface SealRules {
  readonly signature: Rule;
  readonly member: Rule;
  readonly repeated: Rule;
  readonly quorum: Rule;
}

const COMMITTED: SealRules = {
  signature: 'ibft.committed-signature',
  member: 'ibft.committed-member',
  repeated: 'ibft.committed-repeated',
  quorum: 'ibft.committed-quorum',
};

const PARENT: SealRules = {
  signature: 'ibft.parent-signature',
  member: 'ibft.parent-member',
  repeated: 'ibft.parent-repeated',
  quorum: 'ibft.parent-quorum',
};

/** The set that seals are held against. */
interface Sealers {
  readonly set: readonly IbftValidator[];
  readonly setKey: string;
  readonly quorum: number;
  indexOf(address: string): number | undefined;
}

/**
 * Holds a header's evidence against the state after its parent.
 * @throws {BlockchainError} BLOCKCHAIN.BAD_SEAL | BLOCKCHAIN.SET_UNEXPLAINED
 * @see polygon-edge@597a0f3 consensus/ibft/ibft.go verifyHeaderImpl, VerifyHeader
 */
export function judgeIbft(evidence: IbftEvidence, before: IbftState, schedule: IbftSchedule): Judgement {
  const { number } = evidence;
  const state = inForce(evidence, before, schedule);
  const unexplained = unexplainedBy(evidence, state);
  if (unexplained !== undefined) throw unexplained;
  if (state.indexOf(evidence.proposer) === undefined) {
    throw badSeal(number, 'ibft.proposer-member', 'proposer seal by non-validator');
  }
  if (evidence.parentSeals !== undefined) {
    verifySeals(evidence.parentSeals, sealersOf(before, schedule.quorum(number - 1, before.sealers.length)), {
      number,
      rules: PARENT,
    });
  }
  verifySeals(evidence.committed, setOf(state, schedule.quorum(number, state.set.length)), {
    number,
    rules: COMMITTED,
  });
  return {
    state: stateAfter(evidence, state, before, schedule),
    anomalies: anomaliesOf(evidence, state, before),
  };
}

/** With the set that a PoS chain reads from its contract for this block: only execution could prove it. */
function inForce(
  { number, claimedSet, claimedKey }: IbftEvidence,
  before: IbftState,
  schedule: IbftSchedule,
): IbftState {
  if (claimedSet === undefined || claimedKey === before.setKey || !schedule.readsContract(number))
    return before;
  return new IbftState({ ...before, set: claimedSet, trustedSets: before.trustedSets + 1 });
}

/**
 * The set that the proposer wrote is not the one that the votes gave, and would be if a vote had not been turned: the copies
 * of those votes are to be compared with other peers'.
 */
function unexplainedBy(
  { number, claimedKey, claimedSet }: IbftEvidence,
  state: IbftState,
): BlockchainError | undefined {
  if (claimedKey === state.setKey || state.idle.length === 0 || claimedSet === undefined) return undefined;
  const suspects = state.idle.filter(
    ({ candidate }) =>
      claimedSet.some((validator) => sameValidator(validator, candidate)) !==
      state.set.some((validator) => sameValidator(validator, candidate)),
  );
  if (suspects.length === 0) return undefined;
  return new BlockchainError({
    code: 'BLOCKCHAIN.SET_UNEXPLAINED',
    number,
    suspects: suspects.map((vote) => vote.number),
    reason: 'the set in force is another than votes gave, and some of them had no effect',
  });
}

const setOf = (state: IbftState, quorum: number): Sealers => ({
  set: state.set,
  setKey: state.setKey,
  quorum,
  indexOf: (address) => state.indexOf(address),
});

const sealersOf = (state: IbftState, quorum: number): Sealers => ({
  set: state.sealers,
  setKey: state.sealersKey,
  quorum,
  indexOf: (address) => state.sealerIndexOf(address),
});

interface SealContext {
  readonly number: number;
  readonly rules: SealRules;
}

function verifySeals(seals: SealEvidence, sealers: Sealers, { number, rules }: SealContext): void {
  const count = seals.kind === 'ecdsa' ? countEcdsa(seals, sealers) : countBls(seals, sealers);
  if (typeof count === 'string') throw badSeal(number, rules[count], SEAL_TEXTS[count]);
  if (count < sealers.quorum) {
    throw badSeal(number, rules.quorum, `not enough seals to seal block, ${count} of ${sealers.quorum}`);
  }
}

type SealFault = 'signature' | 'member' | 'repeated';

/** The Go client's. */
const SEAL_TEXTS: Record<SealFault, string> = {
  signature: 'invalid signature',
  member: 'found committed seal signed by non validator',
  repeated: 'repeated seal in committed seals',
};

function countEcdsa(
  { signers }: Extract<SealEvidence, { kind: 'ecdsa' }>,
  sealers: Sealers,
): number | SealFault {
  const seen = new Set<string>();
  for (const signer of signers) {
    if (seen.has(signer)) return 'repeated';
    if (sealers.indexOf(signer) === undefined) return 'member';
    seen.add(signer);
  }
  return seen.size;
}

/** @remarks Differs: bits above the set are refused, as nothing covers them; the Go client passes over them. */
function countBls(seals: Extract<SealEvidence, { kind: 'bls' }>, sealers: Sealers): number | SealFault {
  const { bitmap, message, signature, holdsFor } = seals;
  const signers = signersOf(bitmap);
  if ((signers.at(-1) ?? 0) >= sealers.set.length) return 'member';
  if (holdsFor === sealers.setKey) return signers.length;
  const publicKeys = blsKeysOf(sealers.set, bitmap);
  if (publicKeys === undefined) return 'member';
  return blsVerifyAggregate({ publicKeys, message, signature }) ? signers.length : 'signature';
}

function stateAfter(
  evidence: IbftEvidence,
  state: IbftState,
  before: IbftState,
  schedule: IbftSchedule,
): IbftState {
  const { number, vote, proposer } = evidence;
  const voted = schedule.forkAt(number).type === 'PoA' ? afterVote(evidence, state, schedule) : state;
  const replaced = schedule.replacedSet(number + 1);
  const set = replaced ?? voted.set;
  const votes = replaced === undefined ? voted.votes : [];
  const idle =
    vote === undefined || hasEffect(state.set, vote)
      ? state.idle
      : [...state.idle, { number, voter: bytesOf(proposer), candidate: vote.candidate }];
  const isSame = set === before.set && votes === before.votes && idle === before.idle;
  if (isSame && before.setKey === before.sealersKey) return before;
  return changedState(before, { set, votes, idle, sealers: state.set, trustedSets: state.trustedSets });
}

function afterVote({ number, proposer, vote }: IbftEvidence, state: IbftState, { epochSize }: IbftSchedule) {
  return applyBlock(state, { number, proposer: bytesOf(proposer), ...vote }, epochSize);
}

function anomaliesOf(evidence: IbftEvidence, state: IbftState, before: IbftState): Anomaly[] {
  const { claimedKey, proposer, vote, isLater } = evidence;
  const anomalies: Anomaly[] = [];
  const add = (rule: Rule, reason: string) => anomalies.push({ rule, reason });
  if (state !== before) add('ibft.trusted-epoch', 'the set changed as the contract is said to say');
  if (claimedKey !== state.setKey) add('ibft.claimed-set', 'the proposer wrote another set than is in force');
  const { lastProposer, round } = evidence;
  const inTurn = proposerInTurn(
    state.set,
    lastProposer === undefined ? undefined : bytesOf(lastProposer),
    round,
  );
  if (inTurn === undefined || toHex(inTurn.address) !== proposer)
    add('ibft.proposer-turn', 'the proposer was not in turn');
  if (!isLater) add('ibft.timestamp', 'the time is not after the parent’s');
  if (vote !== undefined && !hasEffect(state.set, vote)) {
    add('ibft.vote-effect', `a vote to ${vote.authorize ? 'add a validator' : 'drop who is none'}`);
  }
  return anomalies;
}

function bytesOf(address: string): Uint8Array {
  return bigEndian(BigInt(address), ADDRESS_BYTES);
}
