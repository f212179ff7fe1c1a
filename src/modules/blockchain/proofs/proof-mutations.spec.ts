import { beforeAll, describe, expect, it } from '@jest/globals';
import { NETWORKS, type Network } from '../../../../test/support/fixtures.js';
import { readGenesisText } from '../../../../test/support/genesis-texts.js';
import {
  bytesOf,
  CHANGED_FIELDS,
  changedHeader,
  flip,
  restructured,
  withHeader,
  withoutPart,
} from '../../../../test/support/proof-mutants.js';
import { type ProvableChain, recordedProvable } from '../../../../test/support/provable-chain.js';
import { toHex } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { decodeHeader } from '../codec/header.codec.js';
import { buildHeaderProof } from './build-header-proof.js';
import type { HeaderProof, VerifiedHeader, Verifier } from './proof.types.js';
import { ProofVerifier } from './proof-verifier.js';

/** A height behind the first change of the set that can be proved, where there is one. */
const PROVED: Record<Network, number> = {
  'ibft-ecdsa': 75,
  'ibft-bls': 168,
  'ibft-poa-rounds': 528,
  'ibft-pos': 32,
  'ibft-switch': 60,
  'ibft-pos-change': 18,
  polybft: 75,
};
/** Of every header; a prime, so that each part of it is met. */
const BIT_STEP = 1_021;

describe.each(NETWORKS)('a proof of %s', (network) => {
  let provable: ProvableChain;
  let verifier: Verifier;
  let proof: HeaderProof;

  beforeAll(async () => {
    provable = await recordedProvable(network);
    verifier = await ProofVerifier.create({ genesis: provable.text });
    proof = await buildHeaderProof(provable.chain, provable.config, PROVED[network]);
    expect(verifier.verifyHeaderProof(proof).number).toBe(PROVED[network]);
  });

  /** What the verifier says; undefined when it refuses with a code. */
  function verdictOn(mutated: unknown): VerifiedHeader | undefined {
    try {
      return verifier.verifyHeaderProof(mutated);
    } catch (error) {
      if (error instanceof BlockchainError) return undefined;
      throw error;
    }
  }

  /** Refused, or what is said is true: of some bytes nothing depends. */
  async function expectNoLie(mutated: unknown): Promise<boolean> {
    const verdict = verdictOn(mutated);
    if (verdict === undefined) return true;
    const hash = await provable.chain.hashByNumber(verdict.number);
    expect(verdict.hash).toBe(hash && toHex(hash));
    const set = await provable.chain.validatorsAt(verdict.number);
    expect(verdict.validators.map(({ address }) => address)).toEqual(
      set?.map(({ address }) => toHex(address)),
    );
    return false;
  }

  it('is refused when its parts are others', () => {
    const accepted = [...restructured(proof)].filter(([, mutated]) => verdictOn(mutated) !== undefined);
    expect(accepted.map(([name]) => name)).toEqual([]);
  });

  it('is refused when a field of its last header is another', () => {
    const part = proof.segments.length - 1;
    const at = (proof.segments[part]?.length ?? 0) - 1;
    const last = proof.segments[part]?.[at] ?? '';
    const accepted = Object.entries(CHANGED_FIELDS).filter(
      ([, change]) => verdictOn(withHeader(proof, part, at, changedHeader(last, change))) !== undefined,
    );
    expect(accepted.map(([name]) => name)).toEqual([]);
  });

  it('says nothing untrue when bits of it are others, or headers are missing', async () => {
    let refused = 0;
    let tried = 0;
    for (const part of proof.segments.keys()) await expectNoLie(withoutPart(proof, part));
    for (const [part, headers] of proof.segments.entries()) {
      for (const [at, header] of headers.entries()) {
        const mutants = [withHeader(proof, part, at)];
        for (let bit = 3; bit < (header.length - 2) * 4; bit += BIT_STEP) {
          mutants.push(withHeader(proof, part, at, flip(header, bit)));
        }
        for (const mutant of mutants) {
          tried++;
          if (await expectNoLie(mutant)) refused++;
        }
      }
    }
    expect(refused).toBeGreaterThan(tried / 2);
  });

  it('is refused by a verifier of any other chain', async () => {
    for (const other of NETWORKS) {
      if (other === network) continue;
      const foreign = await ProofVerifier.create({ genesis: readGenesisText(other) });
      expect(() => foreign.verifyHeaderProof(proof)).toThrow(BlockchainError);
    }
  });
});

describe('a change of the set', () => {
  it.each<[Network, number]>([
    ['ibft-ecdsa', 75],
    ['ibft-bls', 168],
    ['ibft-poa-rounds', 528],
    ['polybft', 75],
  ])('cannot be left out of a proof of %s', async (network, number) => {
    const { chain, config, text } = await recordedProvable(network);
    const verifier = await ProofVerifier.create({ genesis: text });
    const proof = await buildHeaderProof(chain, config, number);
    expect(proof.segments.length).toBeGreaterThan(2);
    for (let part = 1; part < proof.segments.length - 1; part++) {
      expect(() => verifier.verifyHeaderProof(withoutPart(proof, part))).toThrow(BlockchainError);
    }
  });
});

describe('votes, which no seal covers', () => {
  it.each<[Network, number, number]>([
    ['ibft-ecdsa', 40, 28],
    ['ibft-bls', 125, 117],
  ])('turned in %s are noticed', async (network, number, from) => {
    const { chain, config, text } = await recordedProvable(network);
    const verifier = await ProofVerifier.create({ genesis: text });
    for (const full of [false, true]) {
      const proof = await buildHeaderProof(chain, config, number, { full });
      for (const [part, headers] of proof.segments.entries()) {
        for (const [at, header] of headers.entries()) {
          const { nonce, number: height, miner } = decodeHeader(bytesOf(header));
          if (height < from || miner.every((byte) => byte === 0)) continue;
          const turned = changedHeader(header, () => ({ nonce: nonce.map((byte) => byte ^ 0xff) }));
          const size = sizeOfSet(verifier, withHeader(proof, part, at, turned));
          // One vote more than the majority needed does not change the set; any other is missed.
          expect([5, undefined]).toContain(size);
        }
      }
    }
  });

  /** Undefined when the proof is refused. */
  function sizeOfSet(verifier: Verifier, proof: HeaderProof): number | undefined {
    try {
      return verifier.verifyHeaderProof(proof).validators.length;
    } catch (error) {
      if (error instanceof BlockchainError) return undefined;
      throw error;
    }
  }
});
