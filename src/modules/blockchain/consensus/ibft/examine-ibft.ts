import { bytesEqual } from '../../../../common/bytes.js';
import { BlockchainError } from '../../blockchain.errors.js';
import { EMPTY_UNCLES_HASH } from '../../codec/block.codec.js';
import type { Examined, HashedHeader } from '../../ports/consensus.port.js';
import type { Rule } from '../../ports/rules.js';
import type { Header } from '../../ports/types.js';
import { badHeader, badSeal } from '../refusals.js';
import {
  decodeIbftExtra,
  encodeValidators,
  IBFT_MIX_HASH,
  type IbftExtra,
  type IbftValidator,
} from './extra.js';
import type { IbftEvidence } from './ibft-evidence.js';
import type { IbftSchedule } from './ibft-schedule.js';
import { setKeyOf } from './ibft-state.js';
import { SealReader } from './read-seals.js';
import { type Candidate, NONCE_ADD, NONCE_DROP, voteIn } from './votes.js';

interface Decoded extends HashedHeader {
  readonly extra: IbftExtra;
  readonly claimedKey: string;
}

interface ExamineOptions {
  readonly schedule: IbftSchedule;
  /** Of the set that the headers will most likely claim: a set that is another is part of the evidence. */
  readonly expectedKey: string;
}

/** Examines consecutive IBFT headers: all that needs no validator set, and every signature. */
export function examineIbft(
  headers: readonly HashedHeader[],
  parent: HashedHeader,
  { schedule, expectedKey }: ExamineOptions,
): readonly Examined[] {
  const seals = new SealReader();
  const keys = new SetKeys();
  const examined: Examined[] = [];
  try {
    let before = decode(parent, schedule, keys);
    let lastProposer = parent.header.number === 0 ? undefined : proposerOf(before, seals);
    for (const next of headers) {
      const decoded = decode(next, schedule, keys);
      verifyFields(decoded.header, schedule);
      const evidence = evidenceOf(decoded, before, { schedule, expectedKey, seals, lastProposer });
      examined.push({ evidence });
      before = decoded;
      lastProposer = evidence.proposer;
    }
  } catch (error) {
    if (!(error instanceof BlockchainError)) throw error;
    examined.push({ refusal: error.detail });
  }
  seals.verifyAggregates();
  return examined;
}

interface EvidenceContext extends ExamineOptions {
  readonly seals: SealReader;
  readonly lastProposer: string | undefined;
}

function evidenceOf(
  { header, hash, extra, claimedKey }: Decoded,
  before: Decoded,
  { schedule, expectedKey, seals, lastProposer }: EvidenceContext,
): IbftEvidence {
  const { number } = header;
  const { bls, parentBls } = schedule.sealKinds(number);
  const proposer = proposerOf({ header, hash, extra }, seals);
  const parentSeals = seals.parentSeals({
    number,
    item: extra.parentSeals,
    parent: { hash: before.hash, extra: before.extra, setKey: before.claimedKey },
    bls: parentBls,
  });
  const committed = seals.committedSeals({ number, hash, extra, setKey: claimedKey, bls });
  const vote = schedule.countsVotes(number) ? voteOf(header, schedule) : undefined;
  const isChange = claimedKey !== before.claimedKey || claimedKey !== expectedKey;
  const isNotable = isChange || schedule.readsContract(number);
  return {
    number,
    claimedKey,
    ...(isNotable ? { claimedSet: extra.validators.map(detached) } : {}),
    proposer,
    lastProposer,
    round: Number(extra.round ?? 0n),
    committed,
    parentSeals,
    ...(vote === undefined ? {} : { vote }),
    isLater: header.timestamp > before.header.timestamp,
  };
}

/** Consecutive headers claim the same set but for a few. */
class SetKeys {
  private last: Uint8Array = new Uint8Array();
  private key = '';

  of(validators: Uint8Array): string {
    if (this.key !== '' && bytesEqual(validators, this.last)) return this.key;
    this.last = validators;
    this.key = setKeyOf(validators);
    return this.key;
  }
}

function decode({ header, hash }: HashedHeader, schedule: IbftSchedule, keys: SetKeys): Decoded {
  const { number } = header;
  const extra = decodeIbftExtra(header.extraData, { ...schedule.sealKinds(number), number });
  return {
    header,
    hash,
    extra,
    claimedKey: keys.of(extra.rawValidators ?? encodeValidators(extra.validators)),
  };
}

/** @see polygon-edge@597a0f3 consensus/ibft/ibft.go verifyHeaderImpl */
function verifyFields(header: Header, schedule: IbftSchedule): void {
  const { number, nonce } = header;
  const fail = (rule: Rule, reason: string) => badHeader(number, rule, reason);
  if (!bytesEqual(header.mixHash, IBFT_MIX_HASH)) throw fail('ibft.mix-hash', 'invalid mixhash');
  if (!bytesEqual(header.sha3Uncles, EMPTY_UNCLES_HASH)) {
    throw fail('ibft.no-uncles', 'invalid sha3 uncles');
  }
  if (header.difficulty !== BigInt(number)) throw fail('ibft.difficulty', 'wrong difficulty');
  if (header.baseFee !== 0n) throw fail('ibft.base-fee', 'base fee of an IBFT block is not 0');
  if (bytesEqual(nonce, NONCE_DROP)) return;
  if (schedule.forkAt(number).type === 'PoS') throw fail('ibft.idle-nonce', 'nonce where there are no votes');
  // Honest nodes write either without a candidate: a proposal to add the zero address is one.
  if (!bytesEqual(nonce, NONCE_ADD)) throw fail('ibft.nonce', 'invalid nonce specified');
}

function proposerOf(
  { header: { number }, hash, extra }: Omit<Decoded, 'claimedKey'>,
  seals: SealReader,
): string {
  const proposer = seals.proposer(extra, hash, number);
  if (proposer !== undefined) return proposer;
  throw badSeal(number, 'ibft.proposer-seal', 'invalid signature');
}

function voteOf(header: Header, schedule: IbftSchedule): Candidate | undefined {
  const vote = voteIn(header, schedule.forkAt(header.number).validatorType);
  return vote && { candidate: detached(vote.candidate), authorize: vote.authorize };
}

/** A copy that does not keep, or carry along, the block it was read from. */
function detached({ address, blsPublicKey }: IbftValidator): IbftValidator {
  return {
    address: address.slice(),
    ...(blsPublicKey === undefined ? {} : { blsPublicKey: blsPublicKey.slice() }),
  };
}
