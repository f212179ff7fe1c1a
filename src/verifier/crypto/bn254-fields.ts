import { bn254 } from '@noble/curves/bn254.js';
import { toHex } from '../../common/bytes.js';

const FIELD_BYTES = 32;

/** Consecutive coordinates. @throws {Error} when one is not below the modulus */
export function readFields(bytes: Uint8Array): bigint[] {
  return Array.from({ length: bytes.length / FIELD_BYTES }, (_, index) => {
    const value = BigInt(toHex(bytes.subarray(index * FIELD_BYTES, (index + 1) * FIELD_BYTES)));
    if (value >= bn254.fields.Fp.ORDER) throw new Error('a coordinate is too large');
    return value;
  });
}
