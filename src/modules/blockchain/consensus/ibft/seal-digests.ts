import { keccak256 } from '../../crypto/keccak.js';
import { encodeRound } from './extra.js';

// "Commit" in messages of IBFT's first version; every chain's seals are made over it.
const COMMIT_CODE = Uint8Array.of(2);

/** What a proposer signs. */
export function proposerSealDigest(hash: Uint8Array): Uint8Array {
  return keccak256(hash);
}

/** What validators agree on: the header hash, with its round where the extra holds one. @see polygon-edge@597a0f3 consensus/ibft/verifier.go */
export function proposalHash(hash: Uint8Array, round: bigint | undefined): Uint8Array {
  return round === undefined ? hash : keccak256(hash, encodeRound(round));
}

/** What a validator signs to commit: two keccaks, as Go does it. @see polygon-edge@597a0f3 consensus/ibft/signer/signer.go CreateCommittedSeal */
export function committedSealDigest(proposal: Uint8Array): Uint8Array {
  return keccak256(keccak256(proposal, COMMIT_CODE));
}
