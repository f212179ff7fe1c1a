import { bytesEqual } from '../../../../common/bytes.js';
import type { ValidatorType } from '../../genesis/chain-config.js';
import type { Rule } from '../../ports/rules.js';
import type { Header } from '../../ports/types.js';
import { encodeBytes, encodeList, RlpReader, readRlp } from '../../rlp/rlp.js';
import { badHeader } from '../refusals.js';
import type { IbftValidator } from './extra.js';

/** The nonce of a vote to add. @see polygon-edge@597a0f3 validators/store/snapshot/snapshot.go nonceAuthVote */
export const NONCE_ADD: Uint8Array = new Uint8Array(8).fill(0xff);
/** The nonce of a vote to drop, and of a block without a vote. */
export const NONCE_DROP: Uint8Array = new Uint8Array(8);

const ADDRESS_BYTES = 20;
const NO_CANDIDATE = new Uint8Array(ADDRESS_BYTES);

/** Whom a vote is for, and whether it is to add or to drop. */
export interface Candidate {
  readonly candidate: IbftValidator;
  readonly authorize: boolean;
}

/** A vote that counts until the epoch ends or its candidate is decided on. */
export interface Vote extends Candidate {
  /** Address of the validator that proposed the block. */
  readonly voter: Uint8Array;
}

/** The validators of a PoA chain after a block, in their order, and the votes that count, oldest first. Immutable. */
export interface VotedSet {
  readonly set: readonly IbftValidator[];
  readonly votes: readonly Vote[];
}

/** What a block says about the set. */
export interface VotingBlock extends Partial<Candidate> {
  readonly number: number;
  /** Address that the proposer seal recovers to. */
  readonly proposer: Uint8Array;
}

/** Where an address stands in a set, -1 if it does not. */
export function positionIn(set: readonly IbftValidator[], address: Uint8Array): number {
  return set.findIndex((validator) => bytesEqual(validator.address, address));
}

/**
 * The set and the votes after a block of a PoA chain, which is the set in force for the next one; the same object when
 * nothing changes. That the proposer is a validator is for the caller to check.
 *
 * Kept from the reference: a candidate's votes are counted whichever way they went, a repeated vote counts once but has
 * the tally looked at again (the set may have shrunk since), and BLS candidates with one address and two keys are two.
 * @see polygon-edge@597a0f3 validators/store/snapshot/snapshot.go ProcessHeader, processVote
 */
export function applyBlock(state: VotedSet, block: VotingBlock, epochSize: number): VotedSet {
  const { set, votes } = state;
  const { number, proposer, candidate, authorize = false } = block;
  if (number % epochSize === 0) return votes.length === 0 ? state : { set, votes: [] };
  if (candidate === undefined || !hasEffect(set, { candidate, authorize })) return state;

  const isRepeated = votes.some(
    (vote) => bytesEqual(vote.voter, proposer) && sameValidator(vote.candidate, candidate),
  );
  const cast = isRepeated ? votes : [...votes, { voter: proposer, candidate, authorize }];
  const tally = cast.filter((vote) => sameValidator(vote.candidate, candidate)).length;
  if (tally <= Math.floor(set.length / 2)) return isRepeated ? state : { set, votes: cast };

  const others = cast.filter((vote) => !sameValidator(vote.candidate, candidate));
  if (authorize) return { set: [...set, candidate], votes: others };
  return {
    set: set.toSpliced(positionIn(set, candidate.address), 1),
    votes: others.filter(({ voter }) => !bytesEqual(voter, candidate.address)),
  };
}

/** Whether a vote is to add who is out, or to drop who is in; any other changes nothing. */
export function hasEffect(set: readonly IbftValidator[], { candidate, authorize }: Candidate): boolean {
  return authorize === positionIn(set, candidate.address) < 0;
}

/** Address and key. @see polygon-edge@597a0f3 validators/bls.go Equal */
export function sameValidator(a: IbftValidator, b: IbftValidator): boolean {
  const { blsPublicKey: ours } = a;
  const { blsPublicKey: theirs } = b;
  if (!bytesEqual(a.address, b.address)) return false;
  return ours === undefined || theirs === undefined ? ours === theirs : bytesEqual(ours, theirs);
}

/**
 * The vote in a header of a PoA chain; undefined when it has none.
 * @throws {BlockchainError} BLOCKCHAIN.BAD_HEADER (`ibft.nonce`, `ibft.vote-candidate`) when it cannot be processed
 * @remarks Differs: a BLS candidate in another encoding than Go writes is refused; Go reads it, and an honest node
 * never writes it.
 */
export function voteIn(
  { number, miner, nonce }: Pick<Header, 'number' | 'miner' | 'nonce'>,
  type: ValidatorType,
): Candidate | undefined {
  const fail = (rule: Rule, reason: string, cause?: unknown) => badHeader(number, rule, reason, cause);
  const authorize = bytesEqual(nonce, NONCE_ADD);
  if (!authorize && !bytesEqual(nonce, NONCE_DROP)) throw fail('ibft.nonce', 'invalid nonce specified');
  if (bytesEqual(miner, NO_CANDIDATE)) return undefined;
  if (type === 'ecdsa') return { candidate: { address: addressIn(miner) }, authorize };
  const candidate = readRlp(
    () => readCandidate(miner),
    (cause) => fail('ibft.vote-candidate', `invalid candidate: ${cause.message}`, cause),
  );
  return { candidate, authorize };
}

/** The last 20 bytes, zeros before what is shorter. @see polygon-edge@597a0f3 types/types.go BytesToAddress */
function addressIn(miner: Uint8Array): Uint8Array {
  const address = new Uint8Array(ADDRESS_BYTES);
  const bytes = miner.subarray(-ADDRESS_BYTES);
  address.set(bytes, ADDRESS_BYTES - bytes.length);
  return address;
}

function readCandidate(miner: Uint8Array): IbftValidator {
  const outer = new RlpReader(miner);
  const items = outer.readList();
  const candidate = { address: items.readFixed(ADDRESS_BYTES), blsPublicKey: items.readBytes() };
  items.expectEnd('candidate');
  outer.expectEnd('candidate');
  return candidate;
}

/** The header fields that cast a vote, or none. @see polygon-edge@597a0f3 validators/store/snapshot/snapshot.go validatorToMiner */
export function voteFields(vote: Candidate | undefined): Pick<Header, 'miner' | 'nonce'> {
  if (vote === undefined) return { miner: new Uint8Array(ADDRESS_BYTES), nonce: NONCE_DROP };
  const { address, blsPublicKey } = vote.candidate;
  const miner =
    blsPublicKey === undefined ? address : encodeList([encodeBytes(address), encodeBytes(blsPublicKey)]);
  return { miner, nonce: vote.authorize ? NONCE_ADD : NONCE_DROP };
}
