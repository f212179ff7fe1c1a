import './no-eval.js';

import { ProofVerifier, type Verifier, type VerifierOptions } from '../modules/blockchain/portable.js';

export type * from '../modules/blockchain/portable.js';

/**
 * A verifier of proofs for one chain, for browsers and everything else that has ES2023. It believes nothing but
 * its options; docs/proofs.md says what a proof proves.
 * @throws {ProofFailure} BLOCKCHAIN.GENESIS_INVALID | BLOCKCHAIN.PROOF_INVALID for options with which nothing can be proved
 */
export function createVerifier(options: VerifierOptions): Promise<Verifier> {
  return ProofVerifier.create(options);
}
