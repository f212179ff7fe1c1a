import { bigEndian, bytesEqual } from '../../../../common/bytes.js';
import { keccak256 } from '../../crypto/keccak.js';
import { encodeBytes, encodeList, encodeUint } from '../../rlp/rlp.js';
import type { PolybftValidator, ValidatorSetDelta } from './extra.js';

const WORD_BYTES = 32;
/** Which parts of a key make the contract's four words: x and y, the imaginary part last. */
const KEY_WORDS = [32, 0, 96, 64];

/** RLP of a list of accounts, as in the delta of an extra. */
export function encodeAccounts(accounts: readonly PolybftValidator[]): Uint8Array {
  return encodeList(
    accounts.map(({ address, blsKey, votingPower, isActive }) =>
      encodeList([
        encodeBytes(address),
        encodeBytes(blsKey),
        encodeUint(votingPower),
        encodeUint(isActive ? 1 : 0),
      ]),
    ),
  );
}

/** Positions whose bits are set, lowest first. @see polygon-edge@597a0f3 consensus/polybft/bitmap/bitmap.go */
export function positionsIn(bitmap: Uint8Array): number[] {
  const positions: number[] = [];
  for (let at = 0; at < bitmap.length * 8; at++) {
    if (((bitmap[at >> 3] ?? 0) >> (at & 7)) & 1) positions.push(at);
  }
  return positions;
}

/** Whether a delta names nobody, as at the end of an epoch in which nothing changed. */
export function isEmptyDelta({ added, updated, removed }: ValidatorSetDelta): boolean {
  return added.length === 0 && updated.length === 0 && positionsIn(removed).length === 0;
}

/**
 * The set after a change: who is removed goes (unless added at the same time), who is added comes last, who is updated stays
 * in place. Itself when the change is empty, undefined when it does not fit.
 * @see polygon-edge@597a0f3 consensus/polybft/validator/validator_metadata.go ApplyDelta
 */
export function applyDelta(
  set: readonly PolybftValidator[],
  delta: ValidatorSetDelta,
): readonly PolybftValidator[] | undefined {
  if (isEmptyDelta(delta)) return set;
  const { added, updated, removed } = delta;
  const goes = new Set(positionsIn(removed));
  const isAdded = (address: Uint8Array) => added.some((other) => bytesEqual(other.address, address));
  const next = set.filter(({ address }, index) => !goes.has(index) || isAdded(address));
  for (const account of added) {
    if (next.some(({ address }) => bytesEqual(address, account.address))) return undefined;
    next.push(account);
  }
  for (const account of updated) {
    const at = next.findIndex(({ address }) => bytesEqual(address, account.address));
    if (at < 0) return undefined;
    next[at] = account;
  }
  return next;
}

/**
 * What checkpoints call a set: keccak over its ABI encoding, an array of (address, uint256[4], uint256).
 * @see polygon-edge@597a0f3 consensus/polybft/validator/validator_metadata.go Hash
 */
export function validatorsHash(set: readonly PolybftValidator[]): Uint8Array {
  const encoded = new Uint8Array(WORD_BYTES * (2 + 6 * set.length));
  encoded[WORD_BYTES - 1] = WORD_BYTES;
  encoded.set(wordOf(BigInt(set.length)), WORD_BYTES);
  let at = 2 * WORD_BYTES;
  for (const { address, blsKey, votingPower } of set) {
    encoded.set(address, at + WORD_BYTES - address.length);
    at += WORD_BYTES;
    for (const from of KEY_WORDS) {
      encoded.set(blsKey.subarray(from, from + WORD_BYTES), at);
      at += WORD_BYTES;
    }
    encoded.set(wordOf(votingPower), at);
    at += WORD_BYTES;
  }
  return keccak256(encoded);
}

/** 32 bytes, big endian. */
export function wordOf(value: bigint): Uint8Array {
  return bigEndian(value, WORD_BYTES);
}

/**
 * Voting power that a block needs.
 * @param isAligned Whether the fork quorumcalcalignment is active at the block.
 * @see polygon-edge@597a0f3 consensus/polybft/validator/validator_set.go getQuorumSize
 */
export function quorumPower(set: readonly PolybftValidator[], isAligned: boolean): bigint {
  const doubled = 2n * set.reduce((sum, { votingPower }) => sum + votingPower, 0n);
  return isAligned ? doubled / 3n + 1n : (doubled + 2n) / 3n;
}
