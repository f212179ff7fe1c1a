import { bls12_381 } from '@noble/curves/bls12-381.js';
import type { Aggregate } from '../../modules/blockchain/portable.js';
import { KeySums } from './key-sums.js';

const SUITE = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_';
const SIGNATURE_BYTES = 96;
const { longSignatures } = bls12_381;
const [G1, G2] = [bls12_381.G1.Point, bls12_381.G2.Point];

const sums = new KeySums((bytes) => {
  const point = G1.fromBytes(bytes);
  // On the curve and in the subgroup.
  point.assertValidity();
  return point;
}, 48);

/** Whether the aggregate was made by all of its keys, one at least, over its message; every encoding is checked. */
export function blsVerifyAggregate({ publicKeys, message, signature }: Aggregate): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  try {
    const sum = sums.of(publicKeys);
    if (sum === undefined) return false;
    const point = G2.fromBytes(signature);
    point.assertValidity();
    if (point.is0()) return false;
    return longSignatures.verify(point, longSignatures.hash(message, SUITE), sum);
  } catch {
    // Its way of refusing what is no point.
    return false;
  }
}

/** {@link blsVerifyAggregate} for many. */
export function blsVerifyAggregates(aggregates: readonly Aggregate[]): boolean[] {
  return aggregates.map(blsVerifyAggregate);
}
