import { bigEndian, bytesEqual, toHex } from '../../../../common/bytes.js';
import { BlockchainError } from '../../blockchain.errors.js';
import { bn254VerifyAggregates, CHECKPOINT_DOMAIN } from '../../crypto/bn254.js';
import type { Examined, HashedHeader } from '../../ports/consensus.port.js';
import type { Rule } from '../../ports/rules.js';
import type { Header } from '../../ports/types.js';
import { badHeader, badSeal } from '../refusals.js';
import { nextBaseFee } from './base-fee.js';
import { checkpointHash } from './checkpoint-hash.js';
import {
  type AggregatedSignature,
  type Checkpoint,
  checkpointOf,
  decodePolybftExtra,
  deltaOf,
  POLYBFT_VANITY_BYTES,
  type PolybftExtra,
  type PolybftValidator,
  signatureOf,
} from './extra.js';
import type { PolybftRules } from './polybft-consensus.js';
import type { AggregateEvidence, PolybftEvidence } from './polybft-evidence.js';
import type { PolybftState } from './polybft-state.js';
import { applyDelta, isEmptyDelta, positionsIn } from './validator-set.js';

/** @see polygon-edge@597a0f3 consensus/polybft/extra.go PolyBFTMixDigest */
const POLYBFT_MIX_HASH = bigEndian(0xadce6e5230abe012342a44e4e9b6d05997d6f015387ae0e59be924afc7ec70c1n);

const ZERO_NONCE = new Uint8Array(8);
const ZERO_HASH = new Uint8Array(32);
const ZERO_VANITY = new Uint8Array(POLYBFT_VANITY_BYTES);

interface Decoded extends HashedHeader {
  readonly extra: PolybftExtra;
  readonly checkpoint: Checkpoint | undefined;
}

interface PendingAggregate {
  readonly evidence: AggregateEvidence;
  readonly publicKeys: readonly Uint8Array[];
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** The set that an aggregate is held against. */
interface Signers {
  readonly set: readonly PolybftValidator[];
  readonly setHash: string;
}

/**
 * Examines consecutive PolyBFT headers, all signatures together.
 * @param hint The state after the parent of the first. The changes of sets between the headers are followed, verified or not.
 */
export function examinePolybft(
  headers: readonly HashedHeader[],
  parent: HashedHeader,
  hint: PolybftState,
  rules: PolybftRules,
): readonly Examined[] {
  const pending: PendingAggregate[] = [];
  const examined: Examined[] = [];
  let state = hint;
  try {
    let before = decode(parent);
    let last: AggregateEvidence | undefined;
    for (const next of headers) {
      const decoded = decode(next);
      verifyFields(decoded.header, before.header);
      const evidence = evidenceOf(decoded, before, { state, rules, pending, last });
      examined.push({ evidence });
      last = evidence.committed;
      state = foreseen(state, decoded.extra);
      before = decoded;
    }
  } catch (error) {
    if (!(error instanceof BlockchainError)) throw error;
    examined.push({ refusal: error.detail });
  }
  const held = bn254VerifyAggregates(pending, CHECKPOINT_DOMAIN);
  for (const [index, { evidence }] of pending.entries()) evidence.holds = held[index] ?? false;
  return examined;
}

/** The state after a header, were it verified; one whose change does not fit changes nothing. */
export function foreseen(state: PolybftState, extra: PolybftExtra): PolybftState {
  const delta = deltaOf(extra);
  return state.followedBy((delta && applyDelta(state.set, delta)) ?? state.set);
}

function changesSet(extra: PolybftExtra): boolean {
  const delta = deltaOf(extra);
  return delta !== undefined && !isEmptyDelta(delta);
}

interface EvidenceContext {
  readonly state: PolybftState;
  readonly rules: PolybftRules;
  readonly pending: PendingAggregate[];
  /** Evidence of the committed signature of the header before, when it is known. */
  readonly last: AggregateEvidence | undefined;
}

function evidenceOf(
  { header, hash, extra, checkpoint }: Decoded,
  before: Decoded,
  { state, rules, pending, last }: EvidenceContext,
): PolybftEvidence {
  const { number } = header;
  const { chainId } = rules;
  const committed = signatureOf(extra.committed);
  if (committed === undefined) {
    throw badSeal(number, 'polybft.committed-missing', 'signatures are not present');
  }
  if (checkpoint === undefined)
    throw badHeader(number, 'polybft.checkpoint', 'checkpoint data are not present');
  if (committed.bitmap.at(-1) === 0) {
    throw badSeal(number, 'polybft.committed-bitmap', 'bitmap with bytes of nobody');
  }
  verifyCheckpoint(checkpoint, before, number);
  const isLondon = rules.forks.isActive('london', before.header.number);
  return {
    number,
    committed: aggregate(committed, checkpointHash(checkpoint, { chainId, number, hash }), pending, state),
    parent: parentEvidence({ number, extra }, before, { state, rules, pending, last }),
    currentValidatorsHash: toHex(checkpoint.currentValidatorsHash),
    nextValidatorsHash: toHex(checkpoint.nextValidatorsHash),
    delta: deltaOf(extra) && extra.validators.slice(),
    epochNumber: checkpoint.epochNumber,
    parentEpochNumber: before.checkpoint?.epochNumber ?? 0n,
    followsChange: changesSet(before.extra),
    miner: toHex(header.miner),
    timestamp: header.timestamp,
    hasExpectedBaseFee: header.baseFee === nextBaseFee(before.header, isLondon, rules.baseFee),
  };
}

function parentEvidence(
  { number, extra }: { readonly number: number; readonly extra: PolybftExtra },
  before: Decoded,
  { state, rules, pending, last }: EvidenceContext,
): AggregateEvidence | undefined {
  if (number <= 1) return undefined;
  const signature = signatureOf(extra.parent);
  if (signature === undefined || before.checkpoint === undefined) {
    throw badSeal(number, 'polybft.parent-missing', 'signatures of the parent are not present');
  }
  if (last !== undefined && bytesEqual(extra.parent, before.extra.committed)) return last;
  const { chainId } = rules;
  const block = { chainId, number: number - 1, hash: before.hash };
  const signers = { set: state.sealers, setHash: state.sealersHash };
  return aggregate(signature, checkpointHash(before.checkpoint, block), pending, signers);
}

function aggregate(
  { signature, bitmap }: AggregatedSignature,
  message: Uint8Array,
  pending: PendingAggregate[],
  { set, setHash }: Signers,
): AggregateEvidence {
  const signers = positionsIn(bitmap);
  const evidence: AggregateEvidence = { signers, setHash, holds: false };
  const publicKeys = signers.flatMap((position) => {
    const key = set[position]?.blsKey;
    return key === undefined ? [] : [key];
  });
  if (publicKeys.length > 0 && publicKeys.length === signers.length) {
    pending.push({ evidence, publicKeys, message, signature });
  }
  return evidence;
}

function decode({ header, hash }: HashedHeader): Decoded {
  const extra = decodePolybftExtra(header.extraData, header.number);
  return { header, hash, extra, checkpoint: checkpointOf(extra) };
}

/**
 * What is not verified for every engine alike.
 * @see polygon-edge@597a0f3 consensus/polybft/fsm.go validateHeaderFields
 */
function verifyFields(header: Header, parent: Header): void {
  const { number } = header;
  const fail = (rule: Rule, reason: string) => badHeader(number, rule, reason);
  if (!bytesEqual(header.extraData.subarray(0, POLYBFT_VANITY_BYTES), ZERO_VANITY)) {
    throw fail('polybft.vanity', 'vanity is not zero');
  }
  if (!bytesEqual(header.nonce, ZERO_NONCE)) throw fail('polybft.nonce', 'invalid nonce');
  if (header.timestamp <= parent.timestamp) throw fail('polybft.timestamp', 'timestamp older than parent');
  if (!bytesEqual(header.mixHash, POLYBFT_MIX_HASH))
    throw fail('polybft.mix-hash', 'mix digest is not correct');
  if (header.difficulty === 0n) {
    throw fail('polybft.difficulty', 'difficulty should be greater than zero');
  }
}

/** @see polygon-edge@597a0f3 consensus/polybft/extra.go CheckpointData.ValidateBasic */
function verifyCheckpoint(checkpoint: Checkpoint, before: Decoded, number: number): void {
  const { epochNumber, currentValidatorsHash, nextValidatorsHash } = checkpoint;
  const parentEpoch = before.checkpoint?.epochNumber ?? 0n;
  if (epochNumber !== parentEpoch && epochNumber !== parentEpoch + 1n) {
    throw badHeader(number, 'polybft.epoch', 'invalid epoch number for epoch-beginning block');
  }
  if (bytesEqual(currentValidatorsHash, ZERO_HASH)) {
    throw badHeader(number, 'polybft.set-hashes', 'current validators hash must not be empty');
  }
  if (bytesEqual(nextValidatorsHash, ZERO_HASH)) {
    throw badHeader(number, 'polybft.set-hashes', 'next validators hash must not be empty');
  }
}
