// The part of this module's surface that runs without Node: src/verifier bundles it for browsers, with cryptography of its
// own in place of the native one.
export type { Aggregate } from './crypto/aggregate.js';
export type * from './proofs/proof.types.js';
export { ProofVerifier } from './proofs/proof-verifier.js';
