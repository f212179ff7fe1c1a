import type { IbftExtra } from '../../src/modules/blockchain/consensus/ibft/extra.js';
import {
  committedSealDigest,
  proposalHash,
  proposerSealDigest,
} from '../../src/modules/blockchain/consensus/ibft/seal-digests.js';
import { recoverAddress } from '../../src/modules/blockchain/crypto/address.js';
import { RlpReader } from '../../src/modules/blockchain/rlp/rlp.js';

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
