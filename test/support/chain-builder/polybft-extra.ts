import { concatBytes } from '../../../src/common/bytes.js';
import { keccak256 } from '../../../src/modules/blockchain/crypto/keccak.js';
import { encodeBytes, encodeList, encodeUint } from '../../../src/modules/blockchain/rlp/rlp.js';

/** A member of a PolyBFT set. */
export interface PolybftMember {
  readonly address: Uint8Array;
  /** x.c1‖x.c0‖y.c1‖y.c0 of a point of G2, 128 bytes. */
  readonly blsKey: Uint8Array;
  readonly votingPower: bigint;
}

export interface Checkpoint {
  readonly blockRound: bigint;
  readonly epochNumber: bigint;
  readonly currentValidatorsHash: Uint8Array;
  readonly nextValidatorsHash: Uint8Array;
  readonly eventRoot: Uint8Array;
}

/** RLP items of an extra. */
export interface ExtraItems {
  readonly validators: Uint8Array;
  readonly parent: Uint8Array;
  readonly committed: Uint8Array;
  readonly checkpoint: Uint8Array;
}

export interface SetDelta<M extends PolybftMember = PolybftMember> {
  readonly added?: readonly M[];
  readonly updated?: readonly M[];
  /** Positions in the set before. */
  readonly removed?: readonly number[];
}

export const EMPTY_ITEM = Uint8Array.of(0xc0);
const VANITY = new Uint8Array(32);
const ACTIVE = Uint8Array.of(1);
const WORD_BYTES = 32;

export function encodeExtra({ validators, parent, committed, checkpoint }: ExtraItems): Uint8Array {
  return concatBytes([VANITY, encodeList([validators, parent, committed, checkpoint])]);
}

export function encodeDelta({ added = [], updated = [], removed = [] }: SetDelta): Uint8Array {
  const accounts = (members: readonly PolybftMember[]) => encodeList(members.map(encodeMember));
  return encodeList([accounts(added), accounts(updated), encodeBytes(bitmapOf(removed))]);
}

function encodeMember({ address, blsKey, votingPower }: PolybftMember): Uint8Array {
  return encodeList([
    encodeBytes(address),
    encodeBytes(blsKey),
    encodeUint(votingPower),
    encodeBytes(ACTIVE),
  ]);
}

export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  return encodeList([
    encodeUint(checkpoint.blockRound),
    encodeUint(checkpoint.epochNumber),
    encodeBytes(checkpoint.currentValidatorsHash),
    encodeBytes(checkpoint.nextValidatorsHash),
    encodeBytes(checkpoint.eventRoot),
  ]);
}

export function encodeSignature(aggregate: Uint8Array, signers: readonly number[]): Uint8Array {
  return encodeList([encodeBytes(aggregate), encodeBytes(bitmapOf(signers))]);
}

/** Bit 0 is the lowest of the first byte. */
function bitmapOf(positions: readonly number[]): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil((Math.max(-1, ...positions) + 1) / 8));
  for (const position of positions) {
    const at = position >> 3;
    bitmap[at] = (bitmap[at] ?? 0) | (1 << (position & 7));
  }
  return bitmap;
}

/** What a set is called in checkpoints: the hash of its ABI encoding. */
export function validatorsHash(set: readonly PolybftMember[]): Uint8Array {
  const members = set.flatMap(({ address, blsKey, votingPower }) => [
    padded(address),
    ...[1, 0, 3, 2].map((word) => blsKey.subarray(word * WORD_BYTES, (word + 1) * WORD_BYTES)),
    wordOf(votingPower),
  ]);
  return keccak256(wordOf(BigInt(WORD_BYTES)), wordOf(BigInt(set.length)), ...members);
}

/** What the validators sign. */
export function checkpointHash(
  chainId: number,
  number: number,
  headerHash: Uint8Array,
  checkpoint: Checkpoint,
): Uint8Array {
  return keccak256(
    wordOf(BigInt(chainId)),
    wordOf(BigInt(number)),
    headerHash,
    wordOf(checkpoint.blockRound),
    wordOf(checkpoint.epochNumber),
    checkpoint.eventRoot,
    checkpoint.currentValidatorsHash,
    checkpoint.nextValidatorsHash,
  );
}

function padded(bytes: Uint8Array): Uint8Array {
  const word = new Uint8Array(WORD_BYTES);
  word.set(bytes, WORD_BYTES - bytes.length);
  return word;
}

const wordOf = (value: bigint) =>
  new Uint8Array(Buffer.from(value.toString(16).padStart(2 * WORD_BYTES, '0'), 'hex'));
