import { bn254 } from '@noble/curves/bn254.js';
import { asciiBytes } from '../../common/bytes.js';
import type { Aggregate } from '../../modules/blockchain/portable.js';
import { readFields } from './bn254-fields.js';
import { hashToG1 } from './bn254-hash.js';
import { keccak256 } from './keccak.js';
import { KeySums } from './key-sums.js';

/** The domain of block seals. @see polygon-edge@597a0f3 consensus/polybft/signer/utils.go DomainCheckpointManager */
export const CHECKPOINT_DOMAIN = keccak256(asciiBytes('DOMAIN_CHECKPOINT_MANAGER'));

const PUBLIC_KEY_BYTES = 128;
const SIGNATURE_BYTES = 64;
const { Fp2, Fp12 } = bn254.fields;
const [G1, G2] = [bn254.G1.Point, bn254.G2.Point];
const MINUS_GENERATOR = G2.BASE.negate();

const sums = new KeySums((bytes) => {
  const [xc1 = 0n, xc0 = 0n, yc1 = 0n, yc0 = 0n] = readFields(bytes);
  const point = G2.fromAffine({ x: Fp2.create({ c0: xc0, c1: xc1 }), y: Fp2.create({ c0: yc0, c1: yc1 }) });
  // On the curve and in the subgroup.
  point.assertValidity();
  return point;
}, PUBLIC_KEY_BYTES);

/** Nothing to load here. */
export async function prepareBn254(): Promise<void> {}

/** Whether these bytes are a key that may sign. */
export function isBn254PublicKey(bytes: Uint8Array): boolean {
  try {
    return sums.key(bytes) !== undefined;
  } catch {
    // Its way of refusing what is no point.
    return false;
  }
}

/** Which aggregates were made by all of their keys, one at least, over their message; every encoding is checked. */
export function bn254VerifyAggregates(aggregates: readonly Aggregate[], domain: Uint8Array): boolean[] {
  return aggregates.map((aggregate) => isGood(aggregate, domain));
}

function isGood({ publicKeys, message, signature }: Aggregate, domain: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  try {
    const sum = sums.of(publicKeys);
    if (sum === undefined) return false;
    const [x = 0n, y = 0n] = readFields(signature);
    const point = G1.fromAffine({ x, y });
    point.assertValidity();
    if (point.is0()) return false;
    const product = bn254.pairingBatch([
      { g1: point, g2: MINUS_GENERATOR },
      { g1: hashToG1(message, domain), g2: sum },
    ]);
    return Fp12.eql(product, Fp12.ONE);
  } catch {
    // Its way of refusing what is no point.
    return false;
  }
}
