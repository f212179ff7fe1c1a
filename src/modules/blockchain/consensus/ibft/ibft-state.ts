import { bytesEqual, toHex } from '../../../../common/bytes.js';
import { keccak256 } from '../../crypto/keccak.js';
import type { EngineState, Validator } from '../../ports/consensus.port.js';
import { encodeBytes, encodeList, encodeUint, RlpReader } from '../../rlp/rlp.js';
import { encodeValidators, type IbftValidator, readValidators } from './extra.js';
import type { Vote } from './votes.js';

const ADDRESS_BYTES = 20;
/** Votes without effect that are remembered; honest proposers write none. */
const MAX_IDLE_VOTES = 64;

/** A vote to add who was in, or to drop who was out, so that it changed nothing: what is left of a vote whose nonce was turned. */
export interface IdleVote {
  readonly number: number;
  readonly voter: Uint8Array;
  readonly candidate: IbftValidator;
}

export interface IbftStateFields {
  /** In force for the next block, in order. */
  readonly set: readonly IbftValidator[];
  /** That sealed this block. */
  readonly sealers: readonly IbftValidator[];
  /** Of this epoch. */
  readonly votes: readonly Vote[];
  readonly idle: readonly IdleVote[];
  /** PoS sets that only execution could prove. */
  readonly trustedSets: number;
}

/** What an IBFT chain knows after a block. */
export class IbftState implements EngineState, IbftStateFields {
  readonly set: readonly IbftValidator[];
  readonly sealers: readonly IbftValidator[];
  readonly votes: readonly Vote[];
  readonly idle: readonly IdleVote[];
  readonly trustedSets: number;
  readonly encoded: Uint8Array;
  /** Equal for equal sets; also what evidence says of the set that a header claims. */
  readonly setKey: string;
  readonly sealersKey: string;
  private readonly indices = new Map<string, number>();
  private readonly sealerIndices = new Map<string, number>();

  constructor({ set, sealers, votes, idle, trustedSets }: IbftStateFields) {
    this.set = set;
    this.sealers = sealers;
    this.votes = votes;
    this.idle = idle.slice(-MAX_IDLE_VOTES);
    this.trustedSets = trustedSets;
    this.setKey = setKeyOf(encodeValidators(set));
    this.sealersKey = setKeyOf(encodeValidators(sealers));
    for (const [index, { address }] of set.entries()) this.indices.set(toHex(address), index);
    for (const [index, { address }] of sealers.entries()) this.sealerIndices.set(toHex(address), index);
    this.encoded = encode(this);
  }

  get validators(): readonly Validator[] {
    return this.set.map(toValidator);
  }

  get sealedBy(): readonly Validator[] {
    return this.sealers.map(toValidator);
  }

  /** Position in the set in force; undefined when not of it. @param address 0x hex. */
  indexOf(address: string): number | undefined {
    return this.indices.get(address);
  }

  /** The same in the set that sealed this block. */
  sealerIndexOf(address: string): number | undefined {
    return this.sealerIndices.get(address);
  }
}

/** `next` as a state, or `before` itself where nothing differs. */
export function changedState(before: IbftState, next: IbftStateFields): IbftState {
  const state = new IbftState(next);
  return bytesEqual(state.encoded, before.encoded) ? before : state;
}

/** @param validators RLP of a list of validators, as it stands in an extra. */
export function setKeyOf(validators: Uint8Array): string {
  return toHex(keccak256(validators));
}

/** RLP of [set, sealers, votes [voter, candidate, authorize], idle votes [height, voter, candidate], trusted sets]. */
function encode({ set, sealers, votes, idle, trustedSets }: IbftStateFields): Uint8Array {
  return encodeList([
    encodeValidators(set),
    encodeValidators(sealers),
    encodeList(
      votes.map(({ voter, candidate, authorize }) =>
        encodeList([encodeBytes(voter), encodeValidators([candidate]), encodeUint(authorize ? 1 : 0)]),
      ),
    ),
    encodeList(
      idle.map(({ number, voter, candidate }) =>
        encodeList([encodeUint(number), encodeBytes(voter), encodeValidators([candidate])]),
      ),
    ),
    encodeUint(trustedSets),
  ]);
}

/** @throws {RlpError} */
export function decodeIbftState(encoded: Uint8Array): IbftState {
  const outer = new RlpReader(encoded);
  const items = outer.readList();
  const state = new IbftState({
    set: readValidators(items.readList()),
    sealers: readValidators(items.readList()),
    votes: readAll(items.readList(), (vote) => ({
      voter: vote.readFixed(ADDRESS_BYTES),
      candidate: readCandidate(vote),
      authorize: vote.readUint(1) === 1n,
    })),
    idle: readAll(items.readList(), (vote) => ({
      number: vote.readSafeUint(),
      voter: vote.readFixed(ADDRESS_BYTES),
      candidate: readCandidate(vote),
    })),
    trustedSets: items.readSafeUint(),
  });
  items.expectEnd('state');
  outer.expectEnd('state');
  return state;
}

function readAll<T>(items: RlpReader, read: (fields: RlpReader) => T): T[] {
  const all: T[] = [];
  while (!items.isAtEnd) {
    const fields = items.readList();
    all.push(read(fields));
    fields.expectEnd('vote');
  }
  return all;
}

function readCandidate(vote: RlpReader): IbftValidator {
  const list = vote.readList();
  const [candidate] = readValidators(list);
  if (candidate === undefined) throw list.fault('a vote without a candidate');
  return candidate;
}

function toValidator({ address, blsPublicKey }: IbftValidator): Validator {
  return blsPublicKey === undefined ? { address } : { address, blsKey: blsPublicKey };
}
