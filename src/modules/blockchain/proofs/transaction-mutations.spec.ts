import { beforeAll, describe, expect, it } from '@jest/globals';
import { flip } from '../../../../test/support/proof-mutants.js';
import { recordedProvable } from '../../../../test/support/provable-chain.js';
import { BlockchainError } from '../blockchain.errors.js';
import { buildTransactionProof } from './build-transaction-proof.js';
import type { TransactionProof, Verifier } from './proof.types.js';
import { ProofVerifier } from './proof-verifier.js';

describe('the proof of a transaction', () => {
  let verifier: Verifier;
  let proof: TransactionProof;
  let others: TransactionProof;

  beforeAll(async () => {
    const { chain, config, text } = await recordedProvable('ibft-ecdsa');
    verifier = await ProofVerifier.create({ genesis: text });
    proof = await buildTransactionProof(chain, config, { number: 64, index: 0 });
    others = await buildTransactionProof(chain, config, { number: 25, index: 0 });
    expect(verifier.verifyTransactionProof(proof).header.number).toBe(64);
  });

  it('is refused when a bit of it is another', () => {
    const { header } = verifier.verifyTransactionProof(proof);
    for (const [at, node] of proof.nodes.entries()) {
      for (let bit = 0; bit < (node.length - 2) * 4; bit += 3) {
        const mutant = { ...proof, header: header.hash, nodes: proof.nodes.with(at, flip(node, bit)) };
        expect(() => verifier.verifyTransactionProof(mutant, header)).toThrow(BlockchainError);
      }
    }
  });

  it.each<[string, () => unknown]>([
    ['another index', () => ({ ...proof, index: proof.index + 1 })],
    ['an index that is none', () => ({ ...proof, index: -1 })],
    ['nodes of another block', () => ({ ...proof, nodes: others.nodes })],
    ['a header of another block', () => ({ ...proof, header: others.header })],
    ['no nodes', () => ({ ...proof, nodes: [] })],
    ['a node too few', () => ({ ...proof, nodes: proof.nodes.slice(1) })],
    ['a node too many', () => ({ ...proof, nodes: [...proof.nodes, ...proof.nodes] })],
    ['a member that is not known', () => ({ ...proof, value: 1 })],
    ['another version', () => ({ ...proof, version: 0 })],
    ['no header', () => ({ ...proof, header: undefined })],
    ['a hash of a header that was not given', () => ({ ...proof, header: `0x${'11'.repeat(32)}` })],
    ['a hash that is none', () => ({ ...proof, header: '0x11' })],
  ])('is refused with %s', (_, mutant) => {
    expect(() => verifier.verifyTransactionProof(mutant())).toThrow(BlockchainError);
  });

  it('takes the hash of a header that was verified, and of no other', () => {
    const { header } = verifier.verifyTransactionProof(proof);
    const { header: other } = verifier.verifyTransactionProof(others);
    const named = { ...proof, header: header.hash };
    expect(verifier.verifyTransactionProof(named, header).header).toBe(header);
    expect(() => verifier.verifyTransactionProof(named, other)).toThrow(BlockchainError);
  });
});
