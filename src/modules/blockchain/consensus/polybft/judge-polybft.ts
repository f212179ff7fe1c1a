import { toHex } from '../../../../common/bytes.js';
import { BlockchainError } from '../../blockchain.errors.js';
import { isBn254PublicKey } from '../../crypto/bn254.js';
import type { Anomaly, Judgement } from '../../ports/consensus.port.js';
import type { Rule } from '../../ports/rules.js';
import { RlpReader } from '../../rlp/rlp.js';
import { badHeader, badSeal } from '../refusals.js';
import { type PolybftValidator, readDelta, type ValidatorSetDelta } from './extra.js';
import type { PolybftRules } from './polybft-consensus.js';
import type { AggregateEvidence, PolybftEvidence } from './polybft-evidence.js';
import { PolybftState } from './polybft-state.js';
import { applyDelta, quorumPower, validatorsHash } from './validator-set.js';

interface SignatureRules {
  readonly bitmap: Rule;
  readonly quorum: Rule;
  readonly aggregate: Rule;
}

const COMMITTED: SignatureRules = {
  bitmap: 'polybft.committed-bitmap',
  quorum: 'polybft.committed-quorum',
  aggregate: 'polybft.committed-aggregate',
};

const PARENT: SignatureRules = {
  bitmap: 'polybft.parent-bitmap',
  quorum: 'polybft.parent-quorum',
  aggregate: 'polybft.parent-aggregate',
};

/**
 * Holds a header's evidence against the state after its parent.
 * @throws {BlockchainError} BLOCKCHAIN.BAD_SEAL | BLOCKCHAIN.BAD_HEADER
 * @see polygon-edge@597a0f3 consensus/polybft/extra.go ValidateFinalizedData
 */
export function judgePolybft(
  evidence: PolybftEvidence,
  state: PolybftState,
  rules: PolybftRules,
  nowMs: number,
): Judgement {
  const { number, committed, parent, timestamp } = evidence;
  const latest = BigInt(Math.floor(nowMs / 1_000)) + rules.blockTimeDriftSeconds;
  if (timestamp > latest) throw badHeader(number, 'polybft.future', 'block from the future');
  const isAligned = (at: number) => rules.forks.isActive('quorumcalcalignment', at);
  verifySignature(
    committed,
    { number, set: state.set, setHash: state.setHash, isAligned: isAligned(number) },
    COMMITTED,
  );
  if (parent !== undefined) {
    const { sealers: set, sealersHash: setHash } = state;
    verifySignature(parent, { number, set, setHash, isAligned: isAligned(number - 1) }, PARENT);
  }
  const delta = evidence.delta && readDelta(new RlpReader(evidence.delta).readList());
  const next = setAfter(number, delta, state);
  return { state: state.followedBy(next), anomalies: anomaliesOf(evidence, state, next) };
}

interface SignatureContext {
  readonly number: number;
  readonly set: readonly PolybftValidator[];
  readonly setHash: string;
  readonly isAligned: boolean;
}

function verifySignature(
  { signers, holds, setHash }: AggregateEvidence,
  context: SignatureContext,
  rules: SignatureRules,
): void {
  const { number, set } = context;
  if (setHash !== context.setHash) {
    // The blocks before were foreseen otherwise than they were judged.
    const reason = `the signature of block ${number} was held against another set`;
    throw new BlockchainError({ code: 'BLOCKCHAIN.VERIFIER_FAILED', reason });
  }
  if (signers.some((position) => position >= set.length)) {
    throw badSeal(number, rules.bitmap, 'invalid bitmap filter provided');
  }
  const power = signers.reduce((sum, position) => sum + (set[position]?.votingPower ?? 0n), 0n);
  if (power < quorumPower(set, context.isAligned)) throw badSeal(number, rules.quorum, 'quorum not reached');
  if (!holds) throw badSeal(number, rules.aggregate, 'could not verify aggregated signature');
}

function setAfter(
  number: number,
  delta: ValidatorSetDelta | undefined,
  { set }: PolybftState,
): readonly PolybftValidator[] {
  if (delta === undefined) return set;
  const areKeys = [...delta.added, ...delta.updated].every(({ blsKey }) => isBn254PublicKey(blsKey));
  const next = areKeys ? applyDelta(set, delta) : undefined;
  if (next !== undefined) return next;
  throw badHeader(number, 'polybft.delta', 'the change of the validator set does not fit the set');
}

function anomaliesOf(
  evidence: PolybftEvidence,
  { set, setHash }: PolybftState,
  next: readonly PolybftValidator[],
): Anomaly[] {
  const anomalies: Anomaly[] = [];
  const add = (rule: Rule, reason: string) => anomalies.push({ rule, reason });
  if (evidence.currentValidatorsHash !== setHash) {
    add('polybft.current-set-hash', 'the checkpoint names another current set than is in force');
  }
  const nextHash = next === set ? setHash : toHex(validatorsHash(next));
  if (evidence.nextValidatorsHash !== nextHash) {
    add('polybft.next-set-hash', 'the checkpoint names another next set than follows');
  }
  if (evidence.followsChange && evidence.epochNumber === evidence.parentEpochNumber) {
    add('polybft.delta-place', 'the set changed inside an epoch');
  }
  if (!set.some(({ address }) => toHex(address) === evidence.miner)) {
    add('polybft.miner', 'the miner is not of the set');
  }
  if (!evidence.hasExpectedBaseFee) add('polybft.base-fee', 'the base fee does not follow from the parent');
  return anomalies;
}
