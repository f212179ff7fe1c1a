import { recoverAddress } from '../../crypto/address.js';
import { keccak256 } from '../../crypto/keccak.js';
import { signRecoverable } from '../../crypto/secp256k1.js';
import type { Header } from '../../ports/types.js';
import { encodeBytes, encodeList, RlpReader } from '../../rlp/rlp.js';
import { decodeIbftExtra, encodeIbftExtra, encodeRound, type IbftExtra } from './extra.js';
import { ibftHeaderHash } from './header-hash.js';

const ECDSA = { bls: false, parentBls: false } as const;
// "Commit" in messages of IBFT's first version; every chain's seals are made over it.
const COMMIT_CODE = Uint8Array.of(2);

/** What a proposer signs. */
function proposerSealDigest(hash: Uint8Array): Uint8Array {
  return keccak256(hash);
}

/** What validators agree on: the header hash, with its round where the extra holds one. @see polygon-edge@597a0f3 consensus/ibft/verifier.go */
function proposalHash(hash: Uint8Array, round: bigint | undefined): Uint8Array {
  return round === undefined ? hash : keccak256(hash, encodeRound(round));
}

/** What a validator signs to commit: two keccaks, as Go does it. @see polygon-edge@597a0f3 consensus/ibft/signer/signer.go CreateCommittedSeal */
function committedSealDigest(proposal: Uint8Array): Uint8Array {
  return keccak256(keccak256(proposal, COMMIT_CODE));
}

/** The address that sealed the proposal; undefined when the seal belongs to nobody. */
export function recoverProposer(extra: IbftExtra, hash: Uint8Array): Uint8Array | undefined {
  return recoverAddress(proposerSealDigest(hash), extra.proposerSeal);
}

/** Who committed a block of ECDSA validators, in the order of the seals; undefined where a seal belongs to nobody. */
export function recoverCommittedSigners(extra: IbftExtra, hash: Uint8Array): (Uint8Array | undefined)[] {
  const digest = committedSealDigest(proposalHash(hash, extra.round));
  const seals = new RlpReader(extra.committedSeals).readList();
  const signers: (Uint8Array | undefined)[] = [];
  while (!seals.isAtEnd) signers.push(recoverAddress(digest, seals.readBytes()));
  return signers;
}

/**
 * The header, sealed by its proposer; for chains of ECDSA validators. Everything but seals and round must be final.
 * @throws {BlockchainError} BLOCKCHAIN.BAD_EXTRA
 */
export function writeProposerSeal(header: Header, privateKey: Uint8Array): Header {
  const digest = proposerSealDigest(ibftHeaderHash(header, ECDSA));
  const extra = decodeIbftExtra(header.extraData, { ...ECDSA, number: header.number });
  return withExtra(header, { ...extra, proposerSeal: signRecoverable(digest, privateKey) });
}

/**
 * The header with its round and the one committed seal of this key; for chains with one ECDSA validator, whose quorum
 * is 1. Its hash stays.
 * @throws {BlockchainError} BLOCKCHAIN.BAD_EXTRA
 */
export function writeCommittedSeal(header: Header, round: bigint, privateKey: Uint8Array): Header {
  const digest = committedSealDigest(proposalHash(ibftHeaderHash(header, ECDSA), round));
  const extra = decodeIbftExtra(header.extraData, { ...ECDSA, number: header.number });
  const committedSeals = encodeList([encodeBytes(signRecoverable(digest, privateKey))]);
  return withExtra(header, { ...extra, committedSeals, round });
}

function withExtra(header: Header, extra: IbftExtra): Header {
  return { ...header, extraData: encodeIbftExtra(extra) };
}
