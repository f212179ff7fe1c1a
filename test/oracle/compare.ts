import { bytesEqual, toHex } from '../../src/common/bytes.js';
import { recoverAddress } from '../../src/modules/blockchain/crypto/address.js';
import type { Aggregate } from '../../src/modules/blockchain/crypto/aggregate.js';
import { blsVerifyAggregates } from '../../src/modules/blockchain/crypto/bls12-381.js';
import {
  bn254VerifyAggregates,
  CHECKPOINT_DOMAIN,
  prepareBn254,
} from '../../src/modules/blockchain/crypto/bn254.js';
import { keccak256 } from '../../src/modules/blockchain/crypto/keccak.js';
import { isCanonicalSeal } from '../../src/modules/blockchain/crypto/secp256k1.js';
import type { AggregateCase } from './aggregate-cases.js';
import { blsCases } from './bls12-381.js';
import { bn254Cases } from './bn254.js';
import { keccakCases, sealCases } from './secp256k1.js';

/** How often ours was asked, how often the oracle said yes, and where the two disagree. */
export interface Comparison {
  readonly cases: number;
  readonly accepted: number;
  readonly disagreements: readonly string[];
}

const BATCH = 64;

/** Each alone, and in batches of 64. */
function compareAggregates(
  cases: Iterable<AggregateCase>,
  verify: (aggregates: readonly Aggregate[]) => boolean[],
): Comparison {
  const all = [...cases];
  const disagreements: string[] = [];
  const note = (how: string, { kind, aggregate, expected }: AggregateCase, index: number) => {
    const bytes = [...aggregate.publicKeys, aggregate.message, aggregate.signature].map(toHex);
    disagreements.push(`case ${index}, ${kind}, ${how}: the oracle says ${expected}: ${bytes.join(' ')}`);
  };
  for (const [index, one] of all.entries()) {
    if (verify([one.aggregate])[0] !== one.expected) note('alone', one, index);
  }
  for (let from = 0; from < all.length; from += BATCH) {
    const batch = all.slice(from, from + BATCH);
    const verdicts = verify(batch.map(({ aggregate }) => aggregate));
    for (const [index, one] of batch.entries())
      if (verdicts[index] !== one.expected) note('in a batch', one, from + index);
  }
  return { cases: all.length, accepted: all.filter(({ expected }) => expected).length, disagreements };
}

function compareSeals(count: number, seed: number): Comparison {
  let accepted = 0;
  const disagreements: string[] = [];
  for (const { kind, digest, seal, signer, isCanonical } of sealCases(count, seed)) {
    if (signer !== undefined) accepted++;
    const ours = recoverAddress(digest, seal);
    const agrees = signer === undefined || ours === undefined ? signer === ours : bytesEqual(signer, ours);
    if (!agrees || isCanonicalSeal(seal) !== isCanonical)
      disagreements.push(`a seal ${kind}: ${toHex(digest)} ${toHex(seal)}`);
  }
  return { cases: count, accepted, disagreements };
}

function compareKeccak(count: number, seed: number): Comparison {
  const disagreements: string[] = [];
  for (const { parts, hash } of keccakCases(count, seed))
    if (!bytesEqual(keccak256(...parts), hash)) disagreements.push(`keccak of ${parts.map(toHex).join(' ')}`);
  return { cases: count, accepted: count, disagreements };
}

/** Our cryptography held against noble's: the same `seed` asks the same. */
export const comparisons: Readonly<Record<string, (count: number, seed: number) => Promise<Comparison>>> = {
  keccak256: async (count, seed) => compareKeccak(count, seed),
  secp256k1: async (count, seed) => compareSeals(count, seed),
  'BLS12-381': async (count, seed) => compareAggregates(blsCases(count, seed), blsVerifyAggregates),
  BN254: async (count, seed) => {
    await prepareBn254();
    return compareAggregates(bn254Cases(count, seed), (aggregates) =>
      bn254VerifyAggregates(aggregates, CHECKPOINT_DOMAIN),
    );
  },
};
