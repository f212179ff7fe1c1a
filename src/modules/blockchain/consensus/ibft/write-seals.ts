import { toHex } from '../../../../common/bytes.js';
import { addressOf } from '../../crypto/address.js';
import { blsPublicKey, blsSign } from '../../crypto/bls12-381.js';
import { publicKeyOf, signRecoverable } from '../../crypto/secp256k1.js';
import type { HashedHeader } from '../../ports/consensus.port.js';
import type { Header } from '../../ports/types.js';
import { encodeBytes, encodeList, encodeUint } from '../../rlp/rlp.js';
import { emptySeals, encodeIbftExtra, type IbftExtra, type IbftValidator } from './extra.js';
import { type IbftSealKinds, ibftHeaderHash } from './header-hash.js';
import { committedSealDigest, proposalHash, proposerSealDigest } from './seal-digests.js';
import { positionIn } from './votes.js';

const BLS_SECRET_BYTES = 32;
/** Of the groups of BLS12-381. */
const BLS_ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

/** A validator that can sign. */
export interface SealKey extends IbftValidator {
  readonly privateKey: Uint8Array;
  /** On chains with BLS validators. */
  readonly blsSecret?: Uint8Array;
}

/** A block that lacks nothing but its seals. */
export interface Proposal {
  readonly header: Omit<Header, 'extraData'>;
  readonly extra: Pick<IbftExtra, 'vanity' | 'validators' | 'parentSeals'>;
  readonly kinds: IbftSealKinds;
  /** Undefined only in blocks of old clients. */
  readonly round: bigint | undefined;
}

/** Derives what others see of a validator from its secrets. */
export function sealKey(privateKey: Uint8Array, blsSecret?: Uint8Array): SealKey {
  const address = addressOf(publicKeyOf(privateKey, false));
  if (blsSecret === undefined) return { address, privateKey };
  return { address, blsPublicKey: blsPublicKey(blsSecret), privateKey, blsSecret };
}

/**
 * The header, sealed by its proposer and committed by `signers`.
 * @param set The set in force, where the extra claims another.
 * @throws {Error} as {@link committedSeals}
 */
export function sealHeader(
  { header: draft, extra, kinds, round }: Proposal,
  proposer: SealKey,
  signers: readonly SealKey[],
  set: readonly IbftValidator[] = extra.validators,
): HashedHeader {
  const unsealed = { ...extra, proposerSeal: new Uint8Array(), committedSeals: emptySeals(kinds.bls) };
  const hash = ibftHeaderHash({ ...draft, extraData: encodeIbftExtra(unsealed) }, kinds);
  const sealed = {
    ...extra,
    proposerSeal: signRecoverable(proposerSealDigest(hash), proposer.privateKey),
    committedSeals: committedSeals(proposalHash(hash, round), kinds.bls, signers, set),
    ...(round === undefined ? {} : { round }),
  };
  return { header: { ...draft, extraData: encodeIbftExtra(sealed) }, hash };
}

/**
 * The item of an extra that shows who committed a proposal.
 * @param set What a BLS bitmap refers to.
 * @throws {Error} when a signer of a BLS block has no BLS secret or is not in the set: a bug of the caller
 */
export function committedSeals(
  proposal: Uint8Array,
  bls: boolean,
  signers: readonly SealKey[],
  set: readonly IbftValidator[],
): Uint8Array {
  const digest = committedSealDigest(proposal);
  return bls ? aggregatedSeal(digest, signers, set) : listedSeals(digest, signers);
}

function listedSeals(digest: Uint8Array, signers: readonly SealKey[]): Uint8Array {
  return encodeList(signers.map(({ privateKey }) => encodeBytes(signRecoverable(digest, privateKey))));
}

/**
 * [bitmap, signature]; bit i of the bitmap, a big-endian integer, is the validator at i. As all sign the same, the sum of
 * their signatures is the signature of the sum of their secrets, at the cost of one.
 */
function aggregatedSeal(
  digest: Uint8Array,
  signers: readonly SealKey[],
  set: readonly IbftValidator[],
): Uint8Array {
  if (signers.length === 0) return emptySeals(true);
  let bitmap = 0n;
  let sum = 0n;
  for (const { address, blsSecret } of signers) {
    const position = positionIn(set, address);
    if (blsSecret === undefined || position < 0) throw new Error('a signer that cannot commit');
    bitmap |= 1n << BigInt(position);
    sum += BigInt(toHex(blsSecret));
  }
  const secret = Buffer.from((sum % BLS_ORDER).toString(16).padStart(2 * BLS_SECRET_BYTES, '0'), 'hex');
  return encodeList([encodeUint(bitmap), encodeBytes(blsSign(secret, digest))]);
}
